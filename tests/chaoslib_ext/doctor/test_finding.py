"""A finding as JSON."""

from chaoslib_ext.doctor.finding import Finding


def test_as_json() -> None:
    assert Finding("servers", "ok", "it answers").as_json() == {
        "check": "servers",
        "state": "ok",
        "says": "it answers",
        "fix": "",
    }
