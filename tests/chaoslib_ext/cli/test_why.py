"""A reason as people type it."""

import click
import pytest

from chaoslib_ext.cli._why import WHY


@pytest.mark.parametrize(
    ("typed", "meant"), [("incident 812", "incident 812"), (" two\n lines\t", "two lines"), ("St\udcf6rung", "St?rung")]
)
def test_it_becomes_one_line_that_can_be_written(typed: str, meant: str) -> None:
    assert WHY.convert(typed, None, None) == meant


@pytest.mark.parametrize("typed", ["", " \n"])
def test_nothing_is_no_reason(typed: str) -> None:
    with pytest.raises(click.BadParameter, match="say why"):
        WHY.convert(typed, None, None)
