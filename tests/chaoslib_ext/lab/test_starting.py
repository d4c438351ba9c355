import socket
import sys
from collections.abc import Iterator

import pytest

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.errors import LabError
from chaoslib_ext.lab.ports import HOST, Ports
from chaoslib_ext.lab.processes import Command, found, stop
from chaoslib_ext.lab.starting import Starter
from chaoslib_ext.lab.state import Book, LabState, lab_dir

LISTEN = """
import socket, sys
with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as server:
    while True:
        server.accept()[0].sendall(b"it is me")
"""


class Greeter:
    """A part that says who it is."""

    name, port = "greeter", 0

    def __init__(self, script: str = LISTEN) -> None:
        self.script, self.finished = script, 0

    def prepare(self) -> None: ...

    def command(self, port: int) -> Command:
        return Command([sys.executable, "-c", self.script, str(port)])

    def answers(self, port: int) -> bool:
        try:
            with socket.create_connection((HOST, port), timeout=1) as connection:
                return connection.recv(8) == b"it is me"
        except OSError:
            return False

    def finish(self, port: int) -> None:
        self.finished += 1


@pytest.fixture
def starter(monkeypatch: pytest.MonkeyPatch) -> Iterator[Starter]:
    monkeypatch.setenv("CHAOS_LAB_PORTS", "free")
    folder = lab_dir()
    state = LabState(started=SYSTEM.wall(), secret="s", data=str(folder / "data"))
    starter = Starter(Book(state, folder), Ports(), SYSTEM, lambda _: None)
    yield starter
    stop(process for one in starter.book.state.processes.values() if (process := found(one)))


def test_a_part_is_written_down_before_it_is_started(starter: Starter, monkeypatch: pytest.MonkeyPatch) -> None:
    def before_the_start(*_: object) -> None:
        noted = starter.book.state.processes["greeter"]
        raise RuntimeError(f"port {noted.port > 0}, pid {noted.pid}")

    monkeypatch.setattr("chaoslib_ext.lab.starting.spawn", before_the_start)
    with pytest.raises(RuntimeError, match="port True, pid None"):
        starter.start(Greeter())


def test_a_port_taken_between_the_look_and_the_listen_is_changed(
    starter: Starter, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server((HOST, 0)) as thief:
        stolen, free = thief.getsockname()[1], Ports().pick(0)
        offers = iter([stolen, free])
        monkeypatch.setattr(starter.ports, "pick", lambda _: next(offers))
        part = Greeter()
        assert starter.start(part) == free
        assert part.finished == 1
    assert starter.book.state.processes["greeter"].port == free


def test_a_part_that_ends_at_its_start_shows_the_end_of_its_log(starter: Starter) -> None:
    with pytest.raises(LabError, match=r"(?s)greeter ended at its start.*no disk left in the house"):
        starter.start(Greeter("raise SystemExit('no disk left in the house')"))


def test_a_part_that_never_answers_is_given_up(starter: Starter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chaoslib_ext.lab.starting.DEADLINE_S", 0.2)
    with pytest.raises(LabError, match="did not answer within"):
        starter.start(Greeter("import signal; signal.pause()"))
