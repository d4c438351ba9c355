"""This machine."""

import os

from chaoslib_ext.lint.here import Here


def test_it_is_this_machine_unless_another_is_handed_in() -> None:
    here = Here()
    assert here.environ == os.environ
    assert "\ud800" not in here.environ  # which os.environ itself would not bear to be asked
    assert here.program("sh") and here.program("no-such-program-anywhere") is None
    assert here.modules.has_top("chaoslib_ext") and not here.modules.has_top("no_such_package_anywhere")
