import pytest

from chaoslib_ext.blackbox.patterns import Pattern
from chaoslib_ext.errors import BadInput, ProbeError


def test_it_finds_as_python_does() -> None:
    match = Pattern(r"order (\d+) paid$", 5).search("an order 12 paid")
    assert match and match[1] == "12"
    assert Pattern("paid", 5).search("unpaid?") and not Pattern("^paid", 5).search("unpaid")


def test_one_that_never_ends_is_stopped() -> None:
    with pytest.raises(ProbeError, match=r"was not done with 5001 characters in 0\.2 s"):
        Pattern("^(a|aa)+$", 0.2).search("a" * 5000 + "!")


@pytest.mark.parametrize("written", ["(", "", None, "${pattern}", "a{2,1}"])
def test_what_is_no_pattern_is_refused(written: str) -> None:
    with pytest.raises(BadInput, match="pattern"):
        Pattern(written, 5)
