"""The words of `chaos link add`: every kind of answer, in a form that a tired person can follow."""

from pathlib import Path

import pytest

from chaoslib_ext.cli._link_words import say_compose, say_plain
from chaoslib_ext.links.compose.changes import Change
from chaoslib_ext.links.compose.plan import Plan, Skipped, Way
from chaoslib_ext.links.file import Link

DB = Link("db", "172.17.0.1:26001", "127.0.0.1:5432")


def test_one_line_a_change_with_a_port_that_has_no_place(capsys: pytest.CaptureFixture[str]) -> None:
    told = [
        Change("shop/.env", 3, "URL", ("web", "worker"), "db:5432", "172.17.0.1:26001"),
        Change("the shell", 0, "DB_HOST", ("web",), "db", "172.17.0.1", 26001),
    ]
    found = Plan((Way("db", "db", DB.upstream, "database", 5432),), (Skipped("q", ("web",), "why"),), ("a note",))
    say_compose([DB], (), told, found, Path("shop/c.yml"), dry_run=True, as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "Would add db: 172.17.0.1:26001 -> 127.0.0.1:5432.",
        "Change, so that these calls go over the links:",
        "  .env:3  URL (web, worker): db:5432 -> 172.17.0.1:26001",
        "  the shell  DB_HOST (web): db -> 172.17.0.1, and its port 26001 wherever that is said",
        "Point the clients of db at 172.17.0.1:26001.",
        "Not linked: q (called by web): why.",
        "Mind: a note.",
    ]


def test_a_link_that_containers_cannot_reach_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    link = Link("db", "127.0.0.1:26001", "127.0.0.1:5432")
    told = [Change("c.yml", 1, "URL", ("web",), "db:5432", "host.docker.internal:26001")]
    say_compose([link], (), told, Plan(), Path("c.yml"), dry_run=False, as_json=False)
    assert "--host 172.17.0.1" in capsys.readouterr().out


def test_what_was_there_is_not_called_added(capsys: pytest.CaptureFixture[str]) -> None:
    say_plain([DB], {"db"}, dry_run=False, as_json=False)
    told = capsys.readouterr().out
    assert "Written" not in told
    assert told.splitlines()[0] == "There already is db: 172.17.0.1:26001 -> 127.0.0.1:5432."
