"""Known servers answer, or it is said what to do."""

import pytest

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.doctor import servers
from chaoslib_ext.doctor.servers import check
from chaoslib_ext.proxy import freeze, hold
from chaoslib_ext.proxy.client import Client


def test_none_is_known() -> None:
    (one,) = check()
    assert one.state == "note" and "chaos lab up" in one.fix


@pytest.mark.joins("doctor", "proxy")
def test_one_that_answers_and_one_that_does_not(embedded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOXIPROXY_URL", embedded)
    assert [(one.state, embedded in one.says) for one in check()] == [("ok", True)]
    monkeypatch.setenv("TOXIPROXY_URL", "http://127.0.0.1:1")
    assert [one.state for one in check()] == ["wrong"]


def test_a_hold_of_a_run_that_nothing_here_knows_is_said_with_what_gives_it_free(
    embedded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOXIPROXY_URL", embedded)
    client = Client(embedded)
    client.create("web", "127.0.0.1:9")
    hold.take(client, "web", "0a0b0c")
    (note,) = [one for one in check() if one.state == "note"]
    assert f"web ({embedded}) is held by run 0a0b0c of another machine" in note.says
    assert note.fix.endswith(f"curl -sS -X DELETE {embedded}/proxies/web/toxics/cx-lock")


def test_a_server_that_is_frozen_is_said(embedded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOXIPROXY_URL", embedded)
    client = Client(embedded)
    freeze.put(client, freeze.Words(since=SYSTEM.wall(), by="ann", why="the sale"))
    (note,) = [one for one in check() if one.state == "note"]
    assert "by ann: the sale" in note.says and f"chaos thaw --scope {embedded}" in note.says
    monkeypatch.setattr(servers, "of_sources", lambda: note.says)
    assert [one for one in check() if one.state == "note"] == [], "it is told once"
