"""Known servers answer, or it is said what to do."""

import pytest

from chaoslib_ext.doctor.servers import check


def test_none_is_known() -> None:
    (one,) = check()
    assert one.state == "note" and "chaos lab up" in one.fix


@pytest.mark.joins("doctor", "proxy")
def test_one_that_answers_and_one_that_does_not(embedded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOXIPROXY_URL", embedded)
    assert [(one.state, embedded in one.says) for one in check()] == [("ok", True)]
    monkeypatch.setenv("TOXIPROXY_URL", "http://127.0.0.1:1")
    assert [one.state for one in check()] == ["wrong"]
