"""A program or a server that says no has not done what an action asked."""

from typing import Any

import pytest

from chaoslib_ext.record.outcome import why_not_done


def action(kind: str, **more: Any) -> dict[str, Any]:
    provider = {"type": kind, **{name: more.pop(name) for name in ("method",) if name in more}}
    return {"type": "action", "name": "a", "provider": provider, **more}


def ran(status: int, stdout: str = "", stderr: str = "") -> dict[str, Any]:
    return {"status": status, "stdout": stdout, "stderr": stderr}


def answered(status: int) -> dict[str, Any]:
    return {"status": status, "headers": {}, "body": "x"}


@pytest.mark.parametrize(
    ("activity", "output", "why"),
    [
        (action("process"), ran(2, stderr="RTNETLINK\n answers"), "exit code 2: RTNETLINK answers"),
        (action("process"), ran(-9), "exit code -9"),
        (action("process"), ran(1, stdout="no such pod"), "exit code 1: no such pod"),
        (action("http"), answered(500), "HTTP 500"),
        (action("http", method="POST"), answered(404), "HTTP 404"),
    ],
)
def test_not_done(activity: dict[str, Any], output: Any, why: str) -> None:
    assert why_not_done(activity, output) == why


@pytest.mark.parametrize(
    ("activity", "output"),
    [
        (action("process"), ran(0)),
        (action("http"), answered(302)),
        (action("http", method="delete"), answered(404)),
        (action("process", tolerance=[0, 1]), ran(1)),
        ({**action("process"), "type": "probe"}, ran(1)),
        (action("python"), ran(1)),
        (action("process"), None),
        (action("http"), {"status": "ok"}),
    ],
    ids=["zero", "moved", "gone", "stated", "probe", "python", "dry", "odd"],
)
def test_done_or_nobody_can_tell(activity: dict[str, Any], output: Any) -> None:
    assert why_not_done(activity, output) is None
