import pytest

from chaoslib_ext.blackbox.extras import need
from chaoslib_ext.errors import ProbeError


def test_what_is_missing_is_told_with_the_command_that_brings_it() -> None:
    need("json", "none", "reading")
    with pytest.raises(ProbeError, match=r"asking a cache needs the Python package no_such_library.*\[cache\]'"):
        need("no_such_library", "cache", "asking a cache")
