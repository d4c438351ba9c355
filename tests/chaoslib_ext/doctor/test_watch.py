"""Is a run guarded here?"""

from chaoslib_ext.doctor.watch import CONTROL, check


def states(controls: dict[str, str] | None) -> list[str]:
    return [one.state for one in check(controls, "settings.yaml")]


def test_enabled_or_not() -> None:
    assert states({"ours": CONTROL}) == ["ok"]
    assert states({}) == ["note"]
    assert states(None) == ["wrong"]


def test_a_control_that_cannot_be_found_is_dead() -> None:
    found = list(check({"ours": "chaoslib_ext.controll", "theirs": "no.such.thing"}, "settings.yaml"))
    assert [one.state for one in found] == ["note", "wrong", "wrong"]
    assert "chaoslib_ext.controll" in found[1].says
