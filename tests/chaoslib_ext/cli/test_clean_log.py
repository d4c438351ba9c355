"""What the host logs is a line, and steers nothing; a traceback keeps its own lines alone."""

import io
import logging
from collections.abc import Iterator

import pytest

from chaoslib_ext.cli._clean_log import _Clean


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    said = io.StringIO()
    logger = logging.Logger("own")
    logger.addHandler(logging.StreamHandler(said))
    logger.addFilter(_Clean())
    yield logger, said


def test_a_line_stays_a_line(log: tuple[logging.Logger, io.StringIO]) -> None:
    log[0].error("Action: %s", "x\nHELD  forged\x1b[2J")
    log[0].error("as it is: %d", 3)
    assert log[1].getvalue() == "Action: x HELD  forged [2J\nas it is: 3\n"


def test_a_traceback_has_no_line_of_others(log: tuple[logging.Logger, io.StringIO]) -> None:
    try:
        raise ValueError("x\nHELD  forged")
    except ValueError:
        log[0].exception("it failed")
    assert log[1].getvalue().splitlines()[-1] == "ValueError: x HELD  forged"


def test_what_does_not_fit_is_left_to_the_handler(log: tuple[logging.Logger, io.StringIO]) -> None:
    record = logging.LogRecord("x", logging.ERROR, "f", 1, "%d", ("no",), None)
    assert _Clean().filter(record) and record.args == ("no",)
