"""Ways to end a run, and what may go wrong around it."""

import re
import signal

from chaoslib_ext.selftest import endings
from chaoslib_ext.selftest.strike import Strikes


def test_each_is_found_by_its_name() -> None:
    assert all(endings.named(name) is not None for name in endings.names())
    assert endings.named("a bang") is None
    assert len(set(endings.names())) == len(endings.names())


def test_the_child_can_do_each_of_them() -> None:
    for one in (*endings.ENDINGS, *endings.DISTURBANCES):
        assert hasattr(Strikes, f"_{one.do[0].replace('-', '_')}"), one
        if one.do[0] == "signal":
            assert one.do[1] in signal.Signals.__members__


def test_no_name_looks_like_the_border_between_parts_of_an_id() -> None:
    """`case_of` parts an id at the first `: ` of what follows the point, so that a name may have one itself."""
    assert all(not re.search(r"#\d+ (before|after)", name) for name in endings.names())
