"""What ended a run has a name."""

import pytest

from chaoslib_ext.control.causes import in_words, what_came
from chaoslib_ext.errors import BadInput


def test_an_error_of_ours_speaks_for_itself_and_any_other_is_a_mistake_of_ours() -> None:
    assert in_words(BadInput("no such link")) == "no such link"
    assert in_words(KeyError("x")) == "the control failed: KeyError: 'x'; please report it"


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (SystemExit(20), "SIGUSR1"),
        (SystemExit(30), "SIGUSR2"),
        (SystemExit(3), "an activity that called sys.exit(3)"),
        (SystemExit("bye"), "an activity that called sys.exit('bye')"),
        (KeyboardInterrupt(), "SIGINT"),
    ],
)
def test_the_signal_is_told_from_the_exception_that_the_host_made_of_it(error: BaseException, name: str) -> None:
    try:
        raise error
    except BaseException:
        assert what_came() == name
