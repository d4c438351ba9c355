"""Rows for a terminal and rows for grep."""

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chaoslib_ext.cli._table import print_table
from chaoslib_ext.proxy.client import Client

CHAOS = str(Path(sys.executable).with_name("chaos"))


def on_a_terminal(*arguments: str, **more: str) -> str:
    """What the real command writes to a terminal."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", **more}
    process = subprocess.Popen(
        [CHAOS, "--no-version-check", *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    )
    os.close(theirs)
    seen = b""
    try:
        while data := os.read(ours, 65536):
            seen += data
    except OSError:  # EIO: the last one that held the terminal is gone
        pass
    os.close(ours)
    process.wait(60)
    return seen.decode()


def test_a_terminal_gets_a_drawn_table_and_no_colour_if_it_wants_none(embedded: str) -> None:
    Client(embedded).create("[red]web", "127.0.0.1:9")
    drawn = on_a_terminal("proxy", "list", "--url", embedded)
    assert "─" in drawn and "[red]web" in drawn
    assert "\x1b" not in on_a_terminal("proxy", "list", "--url", embedded, NO_COLOR="1")
    assert "─" not in on_a_terminal("proxy", "list", "--url", embedded, TERM="dumb")


HEAD = ["NAME", "LISTEN", "UPSTREAM", "TOXICS"]
ROWS = [["checkout-payment", "127.0.0.1:41875", "127.0.0.1:41872", "slow, drops, late"], ["web", "[::1]:80", "b:1", ""]]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[[int], list[str]]:
    """lines(60) -> the table above as a terminal of 60 columns gets it."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")

    def drawn(columns: int) -> list[str]:
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        print_table(HEAD, ROWS)
        return capsys.readouterr().out.splitlines()

    return drawn


def test_no_cell_runs_over_several_lines(lines: Callable[[int], list[str]]) -> None:
    """Words of others at the beginning of a line could pass for ours."""
    assert [line for line in lines(72) if line.endswith("slow, drops, late")] and len(lines(72)) == 4
    assert len(lines(71)) == 8


def test_a_last_cell_that_is_cut_says_so(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"TERM": "xterm", "NO_COLOR": "1", "COLUMNS": "30"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    print_table(["ID", "TITLE"], [["7f3a", "Why? " + "HELD  forged " * 9]], is_cut=True)
    assert capsys.readouterr().out.splitlines()[2:] == ["7f3a   Why? HELD  forged HELD…"]


def test_where_that_is_not_enough_each_value_gets_a_line(lines: Callable[[int], list[str]]) -> None:
    assert lines(60)[:5] == [
        "checkout-payment",
        "  LISTEN    127.0.0.1:41875",
        "  UPSTREAM  127.0.0.1:41872",
        "  TOXICS    slow, drops, late",
        "web",
    ]


def test_no_width_breaks_an_address(lines: Callable[[int], list[str]]) -> None:
    for columns in range(20, 100, 3):
        drawn = "\n".join(lines(columns))
        assert all(cell in drawn for row in ROWS for cell in row[:3]), columns
