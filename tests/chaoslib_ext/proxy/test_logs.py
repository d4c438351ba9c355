"""The server's log."""

import logging
from datetime import datetime

import pytest

from chaoslib_ext.proxy.logs import http_logger, log_to


@pytest.fixture
def log(tmp_path, monkeypatch):
    """log(level) -> a function that gives the lines so far."""
    logger = logging.getLogger("chaoslib_ext.proxy")
    before = (logger.handlers[:], logger.level, logger.propagate)
    file = tmp_path / "server.log"

    def start(level):
        monkeypatch.setenv("LOG_LEVEL", level)
        log_to(file)
        return lambda: file.read_text().splitlines()

    yield start
    for handler in logger.handlers:
        handler.close()
    logger.handlers[:], logger.level, logger.propagate = before
    logger.setLevel(logger.level)


def test_a_line_has_a_time_with_its_zone(log):
    lines = log("info")
    logging.getLogger("chaoslib_ext.proxy").info("proxy %s stopped", "db")
    (line,) = lines()
    when, _, what = line.partition(" ")
    assert datetime.fromisoformat(when).tzinfo
    assert what == "INFO proxy db stopped"


def test_whatever_a_name_holds_a_line_stays_a_line(log):
    lines = log("info")
    logging.getLogger("chaoslib_ext.proxy").info("proxy %s stopped", "a\nERROR\x1b[31m é")
    (line,) = lines()
    assert line.endswith("proxy a ERROR [31m é stopped")


@pytest.mark.parametrize(("level", "count"), [("debug", 3), ("info", 2), ("WARN", 1), ("disabled", 0)])
def test_log_level_is_honoured(log, level, count):
    lines = log(level)
    logger = logging.getLogger("chaoslib_ext.proxy")
    for say in (logger.debug, logger.info, logger.warning):
        say("said")
    assert len(lines()) == count


def test_an_unknown_level_is_said(log):
    assert "LOG_LEVEL 'loud' is not known (known: trace, debug, info," in log("loud")()[0]


def test_a_client_s_mistake_is_a_line_at_level_debug(log):
    for level, count in (("info", 0), ("debug", 1)):
        lines = log(level)
        try:
            raise ValueError("bad request line")
        except ValueError:
            http_logger().exception("Error handling request")
        assert len(lines()) == count
    assert lines()[0].endswith("DEBUG Error handling request: bad request line")
