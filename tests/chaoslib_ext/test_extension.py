"""What an experiment says to us: defaults, and every mistake in one message."""

import pytest

from chaoslib_ext.errors import BadInput
from chaoslib_ext.extension import NAME, Extension, entry_of, extension_of


def test_an_experiment_without_an_entry_gets_the_defaults() -> None:
    assert extension_of({"title": "t"}) == Extension()
    assert extension_of({"extensions": [{"name": "somebodys", "guards": 3}]}) == Extension()
    assert entry_of({"extensions": {"name": NAME}}) is None


def test_durations_are_written_as_people_write_them() -> None:
    found = extension_of({"extensions": [{"name": NAME, "recovery": {"at_most": "2m", "every": "250ms"}}]})
    assert (found.recovery.at_most, found.recovery.every, found.recovery.in_a_row) == (120.0, 0.25, 2)


def test_every_mistake_is_told_at_once() -> None:
    wrong = {"name": NAME, "recovry": {}, "guards": [{"ref": "a", "every": "soon"}, {"ref": "b", "tolerance": 1}]}
    with pytest.raises(BadInput) as refused:
        extension_of({"extensions": [wrong]})
    said = str(refused.value)
    assert "recovry is unknown; did you mean recovery?" in said
    assert "guards.0.every" in said and "is not a duration" in said
    assert "guards.1: a guard has either ref, or provider and tolerance, not both" in said


def test_it_takes_what_the_labs_experiments_say() -> None:
    entry = {
        "name": NAME,
        "says": {"held": "It holds."},
        "next": {"deviated": "chaos lab harden x"},
        "row": {"fault": "slow"},
    }
    assert extension_of({"extensions": [entry]}).says


@pytest.mark.parametrize("extra", [{"guardz": []}, {"says": {"green": "x"}}])
def test_it_takes_nothing_that_nobody_reads(extra: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        extension_of({"extensions": [{"name": NAME, **extra}]})
