"""The places in the source are found with the names that the tracer gives them."""

from pathlib import Path

import pytest

from chaoslib_ext.selftest import sites
from chaoslib_ext.selftest.point import Point
from chaoslib_ext.selftest.scenarios import RUN

SOURCE = """
import os, signal
class Log:
    def add(self, path, word):
        os.fsync(1)
        path.replace(path)
        word.replace("a", "b")
        def hold(number, frame):
            pass
        signal.signal(2, hold)
def ask(client, dictionary):
    client.proxies()
    Client(url).delete("x")
    dictionary.update({})
    client_of(url).proxies()
    whatever.add_toxic("x")
def unseen(loop):
    fsync(1)
    shutil.move("a", "b")
    game.move("a", "b")
    requests.post(url)
    loop.add_signal_handler(2, stop)
"""


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[sites.Site]:
    file = tmp_path / "room" / "file.py"
    file.parent.mkdir()
    file.write_text(SOURCE)
    monkeypatch.setattr(sites, "_ROOT", tmp_path)
    return list(sites._of_file(file))


def test_each_kind_is_found_and_what_only_looks_like_it_is_not(found: list[sites.Site]) -> None:
    assert found == [
        ("fsync", "room/file.py:Log.add"),
        ("rename", "room/file.py:Log.add"),
        ("handler", "room/file.py:Log.add.hold"),
        ("signal", "room/file.py:Log.add"),
        *[("http", "room/file.py:ask")] * 4,
        ("fsync", "room/file.py:unseen"),
        ("rename", "room/file.py:unseen"),
        ("http", "room/file.py:unseen"),
        ("signal", "room/file.py:unseen"),
    ]


def test_a_place_that_no_trace_visits_is_missing_unless_it_has_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    known = frozenset({("fsync", "new/room.py:f"), ("http", "lab/up.py:up"), ("fsync", "undo/log.py:g")})
    monkeypatch.setattr(sites, "known", lambda: known)
    visited = {RUN: [Point("runner", "fsync", "undo/log.py:h", 1, ("undo/log.py:h", "undo/log.py:g"))]}
    assert sites.missing(visited) == ["fsync new/room.py:f"]


def test_the_list_of_what_is_not_visited_is_no_longer_than_needed() -> None:
    from fnmatch import fnmatchcase

    names = [f"{kind} {site}" for kind, site in sites.known()]
    assert [pattern for pattern in sites.NOT_VISITED if not any(fnmatchcase(name, pattern) for name in names)] == []
