"""Would a run be let begin here?"""

from pathlib import Path

import pytest

from chaoslib_ext.doctor import leave
from chaoslib_ext.doctor.leave import check
from chaoslib_ext.safety import freeze
from chaoslib_ext.undo.crash_safety import CrashSafety


def test_nothing_is_in_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leave, "crash_safety", lambda: CrashSafety(()))
    assert [(one.state, one.says) for one in check()] == [("ok", "no policy: everything is allowed")]


@pytest.mark.joins("doctor", "safety")
def test_a_freeze_is_said() -> None:
    freeze.put("incident 812", "me")
    assert any("incident 812" in one.says for one in check())


def test_a_policy_that_is_broken_closes_the_door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = tmp_path / "p.yaml"
    policy.write_text("rules: [")
    monkeypatch.setenv("CHAOS_POLICY", str(policy))
    assert any(one.state == "wrong" and str(policy) in one.says for one in check())


@pytest.mark.joins("doctor", "undo")
def test_what_would_end_the_watchdog_too_is_said_with_what_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leave, "crash_safety", lambda: CrashSafety(("a container ends with its pid 1",)))
    (note,) = [one for one in check() if one.state == "note"]
    assert note.says == "not crash-safe here: a container ends with its pid 1"
    assert note.fix.startswith("chaos undo --install-service")
