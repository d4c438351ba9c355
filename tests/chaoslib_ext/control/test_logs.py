"""The host's log without secrets, and with everything else."""

import logging
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.control.logs import hide_secrets
from chaoslib_ext.record.redact import Redactor


@pytest.fixture
def log(tmp_path: Path) -> Any:
    """A handler on the host's logger, that writes into a file; gives the logger and the file."""
    logger, file = logging.getLogger("chaostoolkit"), tmp_path / "log"
    handler = logging.FileHandler(file)
    logger.addHandler(handler)
    redactor = Redactor()
    redactor.learn({"mine": {"login": "hunter2-and-more"}})
    before = [(one, list(one.filters)) for one in [*logger.handlers, *logging.getLogger().handlers]]
    hide_secrets(redactor)
    yield logger, file
    logger.removeHandler(handler)
    for one, filters in before:
        one.filters = filters


def test_a_message_and_its_arguments(log: Any) -> None:
    logger, file = log
    logger.error("ran %s with %s", ["curl", "-u", "me:hunter2-and-more"], "--token=abcdef")
    said = file.read_text()
    assert "hunter2" not in said and "abcdef" not in said and "curl" in said


def test_a_traceback(log: Any) -> None:
    logger, file = log
    try:
        raise ValueError("the login is hunter2-and-more")
    except ValueError:
        logger.error("Activity failed", exc_info=True)
    said = file.read_text()
    assert "hunter2" not in said and "ValueError: the login is [redacted]" in said


def test_a_line_that_does_not_fit_its_arguments_is_the_handlers_to_tell(log: Any) -> None:
    logger, _ = log
    record = logging.LogRecord("chaostoolkit", logging.ERROR, "f.py", 1, "%d", ("x",), None)
    assert logger.handlers[-1].filter(record) and record.args == ("x",)


def test_a_whole_run_leaves_no_secret_in_the_hosts_log_or_on_the_screen(chaos: Any, make: Any) -> None:
    chaos.env["LOGIN"] = "hunter2-and-more"
    secrets = {"mine": {"login": {"type": "env", "key": "LOGIN"}}}
    leak = make.activity("leak")
    leak["provider"]["secrets"] = ["mine"]
    fail = make.activity("leak_by_error")
    fail["provider"]["secrets"] = ["mine"]
    shell = {"type": "action", "name": "sh", "provider": {"type": "process", "path": "echo", "arguments": "${login}"}}
    done = chaos.run(chaos.experiment([leak, shell, fail], secrets=secrets), how="settings")
    log = (chaos.place / "chaostoolkit.log").read_text()
    assert "[redacted]" in log
    for told in (log, done.out, done.err, (chaos.place / "journal.json").read_text()):
        assert "hunter2" not in told
