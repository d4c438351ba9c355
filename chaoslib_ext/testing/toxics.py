"""For those who write a toxic: a bench to try it on without sockets or waiting, and the contract it must keep.

def test_drip_keeps_the_contract():
    check_toxic(Drip)

def test_drip_pauses():
    bench = ToxicBench(Drip(pause_ms=10))
    bench.send(b"x")
    bench.move(0.009)
    assert bench.received == b""
    bench.move(0.001)
    assert bench.received == b"x"
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from heapq import heappop, heappush
from typing import Any, cast

from chaoslib_ext.proxy.alarms import Alarm
from chaoslib_ext.proxy.bodies import settings
from chaoslib_ext.proxy.connection import Connection
from chaoslib_ext.proxy.gojson import dumps
from chaoslib_ext.proxy.link import Link
from chaoslib_ext.proxy.placed import Placed
from chaoslib_ext.proxy.stream import Ending, Socket
from chaoslib_ext.proxy.toxics import Toxic
from chaoslib_ext.proxy.traffic import Traffic

__all__ = ["ToxicBench", "check_toxic"]

FOREVER = 1e7
"""Seconds: longer than any delay that a check uses, so that what never ends can be told from what is slow."""


class _Alarms:
    """Time that moves when told; rings what falls due on the way."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.queue: list[tuple[float, int, Alarm]] = []
        self.made = 0

    def now(self) -> float:
        return self.time

    def at(self, when: float, ring: Callable[[], None]) -> Alarm:
        alarm = Alarm(ring)
        self.made += 1
        heappush(self.queue, (when, self.made, alarm))
        return alarm

    def move(self, seconds: float) -> None:
        until = self.time + seconds
        while self.queue and self.queue[0][0] <= until:
            when, _, alarm = heappop(self.queue)
            self.time = max(self.time, when)
            if alarm.ring:
                alarm.ring()
        self.time = until


class _End:
    """A socket that takes what it is given, unless it is told not to."""

    swamped = False

    def __init__(self) -> None:
        self.transport = self
        self.pieces: list[tuple[float, bytes]] = []
        self.ending: Ending | None = None
        self.reading = True
        self.paused = False
        self.alarms: _Alarms | None = None

    def write(self, data: bytes | memoryview) -> None:
        assert self.ending is None, "the toxic wrote after the end"
        assert self.alarms is not None
        self.pieces.append((self.alarms.time, bytes(data)))

    def finish(self, ending: Ending) -> None:
        self.ending = ending

    def send_each(self, wanted: bool) -> None:
        """It always does."""

    def read(self, wanted: bool) -> None:
        self.reading = wanted


class _Connection:
    number = 1

    def __init__(self, alarms: _Alarms) -> None:
        self.alarms = alarms
        self.reset = False
        self.ended = False

    def settle(self) -> None:
        """Nothing: there is only one direction."""

    def abort(self, *, reset: bool = False) -> None:
        self.ended, self.reset = True, reset


class ToxicBench:
    """One direction of one connection with one toxic on it, in a time that stands still until it is moved.

    `seed` fixes the toxic's chance, so that a test says the same each time.
    """

    def __init__(self, toxic: Toxic, *, seed: int = 0) -> None:
        self._alarms = _Alarms()
        self._sender, self._receiver = _End(), _End()
        self._receiver.alarms = self._alarms
        self._connection = _Connection(self._alarms)
        self.placed = Placed("toxic", type(toxic).__name__, "downstream", toxic, seed=seed)
        self.placed.arrive("proxy", 0, None)
        self.link = Link(
            cast(Connection, self._connection), cast(Socket, self._sender), cast(Socket, self._receiver), Traffic()
        )
        self.link.add(self.placed)

    # --- what happens to the toxic

    def send(self, data: bytes) -> None:
        """The sender writes."""
        if self.link.first:
            self.link.feed(data)
        else:
            self.link.send(data)

    def end(self) -> None:
        """The sender ends its stream."""
        self.link.end(Ending.EOF)

    def move(self, seconds: float) -> None:
        """Time passes."""
        self._alarms.move(seconds)

    def stall(self, stalled: bool = True) -> None:
        """The receiver stops reading, or reads again."""
        self._receiver.paused = stalled
        self.link.balance()

    def update(self, toxic: Toxic) -> None:
        """Somebody gives the toxic new settings."""
        stub = self.link.stub_of(self.placed)
        assert stub
        self.placed.toxic = toxic
        stub.interrupt()
        stub.start()

    def remove(self) -> None:
        """Somebody takes the toxic away."""
        stub = self.link.stub_of(self.placed)
        if stub:
            self.link.remove(stub)

    # --- what came of it

    @property
    def received(self) -> bytes:
        """All that has reached the receiver."""
        return b"".join(data for _, data in self._receiver.pieces)

    @property
    def pieces(self) -> list[tuple[float, bytes]]:
        """What reached the receiver in one write each, with the seconds since the bench began."""
        return [(when - 1000.0, data) for when, data in self._receiver.pieces]

    @property
    def ended(self) -> bool:
        """The stream ended as its sender ended it."""
        return self._receiver.ending is Ending.EOF

    @property
    def closed(self) -> bool:
        """The toxic ended the connection."""
        return self._receiver.ending is Ending.CLOSE or self._connection.ended

    @property
    def reset(self) -> bool:
        """The toxic reset the connection."""
        return self._connection.reset

    @property
    def reading(self) -> bool:
        """Data is still taken from the sender."""
        return self._sender.reading


def check_toxic(toxic: type[Toxic], **given: Any) -> None:
    """Hold a toxic to its contract, with its defaults and with the `given` settings; else AssertionError.

    Its defaults can be used; its settings survive a round trip through the API; wherever it waits it can be
    interrupted; and when it is taken away, either every byte arrives, in order, or the connection is closed.
    """
    _check_settings(toxic, given)
    for made in (toxic(), toxic(**given)):
        for wait in (0.0, 0.001, 1.0, FOREVER):
            for stalled in (False, True):
                _check_removal(made, wait, stalled)
        _check_update(made)


def _check_settings(toxic: type[Toxic], given: dict[str, Any]) -> None:
    assert is_dataclass(toxic), f"{toxic.__name__} is not a dataclass"
    default = toxic()
    for field in fields(default):
        kind = type(getattr(default, field.name))
        assert kind in (int, float, bool, str), f"setting {field.name} is a {kind.__name__}, which JSON cannot carry"
    assert default.problem() is None, f"its defaults cannot be used: {default.problem()}"
    chosen = toxic(**given)
    body = dumps(chosen.attributes() if given else {}).encode()
    assert settings(toxic(), body) == chosen, "its settings do not survive the API"


def _check_removal(toxic: Toxic, wait: float, stalled: bool) -> None:
    bench, sent = ToxicBench(toxic), b"".join(bytes([n]) * 1000 for n in range(100))
    bench.stall(stalled)
    for start in range(0, len(sent), 10_000):
        bench.send(sent[start : start + 10_000])
    bench.move(wait)
    bench.remove()
    assert not bench.link.stubs, "it is still there after its removal"
    bench.stall(False)
    if not bench.closed:
        bench.send(b"after")
        bench.end()
        assert bench.ended, "the end of the stream was lost"
        sent += b"after"
    assert sent.startswith(bench.received), "bytes were changed or reordered"
    assert bench.closed or bench.received == sent, "bytes were lost, and the connection goes on as if they were not"


def _check_update(toxic: Toxic) -> None:
    bench = ToxicBench(toxic)
    bench.send(b"before")
    bench.update(toxic)
    bench.send(b"between")
    bench.remove()
    assert b"beforebetween".startswith(bench.received), "an update changed or reordered bytes"
    assert bench.closed or bench.received == b"beforebetween", "an update lost bytes"
