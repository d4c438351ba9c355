"""A server whose freeze counts for everything: frozen or silent, nothing goes in; and what is in comes out."""

import os
import signal
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from chaoslib_ext.errors import GuardRefused
from chaoslib_ext.faults.frozen import of_sources
from chaoslib_ext.faults.inject import inject
from chaoslib_ext.faults.run import current, end_current
from chaoslib_ext.faults.toxic import Toxic
from chaoslib_ext.proxy import freeze
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.proxy.serve import start_detached
from chaoslib_ext.safety import policy_place
from chaoslib_ext.testing.faults import World

WORDS = freeze.Words(since=datetime(2026, 11, 20, 9, tzinfo=UTC), by="ann@ops", why="the sale")


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """sources(url, ...): these are named by the site's file; put what is given for it otherwise."""
    site = tmp_path / "site.yaml"
    monkeypatch.setattr(policy_place, "SITE", site)
    monkeypatch.setattr(policy_place, "SETTINGS", tmp_path / "none.yaml")
    return lambda *urls: site.write_text(yaml.safe_dump({"freeze_sources": list(urls)}))


@pytest.fixture
def another(tmp_path: Path) -> Iterator[Client]:
    """A server besides the one under test."""
    serving = start_detached(log=tmp_path / "another.log")
    yield Client(serving.url)
    os.kill(serving.pid, signal.SIGTERM)


@pytest.fixture
def nowhere() -> str:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        return f"http://127.0.0.1:{closed.getsockname()[1]}"


def add() -> None:
    inject(Toxic(proxy="web-http", type="noop"))


@pytest.mark.joins("faults", "safety")
def test_frozen_there_is_frozen_here(world: World, sources: Any, another: Client) -> None:
    sources(another.url)
    add()
    freeze.put(another, WORDS)
    with pytest.raises(GuardRefused, match=r"is frozen since .* by ann@ops: the sale; .* chaos thaw --scope"):
        add()
    assert len(current().undo_all()) == 1, "undoing asks nobody"
    end_current()
    freeze.lift(another)
    assert of_sources() is None


def test_one_that_does_not_answer_counts_as_frozen(world: World, sources: Any, nowhere: str) -> None:
    sources(nowhere)
    with pytest.raises(GuardRefused, match=f"must be asked of {nowhere}, and it cannot be"):
        add()


@pytest.mark.parametrize("wrong", ["8474", "ftp://h", "http://h/?x=1"])
def test_a_list_that_cannot_be_understood_closes_the_door(world: World, sources: Any, wrong: str) -> None:
    sources(wrong)
    with pytest.raises(GuardRefused, match=r"freeze_sources.* is not the URL of a Toxiproxy server"):
        add()
    assert "nothing is allowed" in str(of_sources())
