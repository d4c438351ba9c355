"""All checks are made, and one that fails hides no other."""

import pytest

from chaoslib_ext.doctor import records
from chaoslib_ext.doctor.look import look


def test_each_check_says_something_where_all_is_well() -> None:
    assert {one.check for one in look({}, "settings.yaml")} >= {"servers", "records", "places", "faces", "guarding"}


def test_a_check_that_fails_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("no luck")

    monkeypatch.setattr(records, "check", broken)
    found = look({}, "settings.yaml")
    assert any(one.state == "wrong" and "no luck" in one.says for one in found)
    assert any(one.check == "faces" for one in found)
