"""A toxic at work on one link: its coroutine, what waits before it, and the way on.

Why no asyncio task: a stub is driven by hand, so that interrupting it takes effect at once, in the middle of nothing
else. Adding, updating or removing a toxic on a thousand live connections is then one step that no data can overtake
and no receiver can hold up. The price: `pipe` may await the methods of its stub, and nothing else.
"""

import logging
from collections import deque
from collections.abc import Generator
from functools import cached_property
from math import inf
from random import Random
from types import coroutine
from typing import TYPE_CHECKING, Any

from .stream import Chunk, Ending
from .toxics.noop import Noop

if TYPE_CHECKING:
    from .alarms import Alarm
    from .link import Link
    from .placed import Placed

__all__ = ["Interrupted", "Stub"]

BREATH = 256
"""After so many chunks written without a pause the other connections have their turn."""

PASSING = Noop()
"""What a stub runs while its toxic does not bite."""

logger = logging.getLogger("chaoslib_ext.proxy")


class Interrupted(BaseException):
    """Thrown into `pipe` where it waits; not an Exception, so that no toxic catches it by accident."""


@coroutine
def _pause(wish: str) -> Generator[str, None, None]:
    yield wish


class Stub:
    """What a toxic sees of the world: `read`, `write`, `sleep`, a place for its state and a source of chance."""

    def __init__(self, link: "Link", placed: "Placed") -> None:
        self.link = link
        self.placed = placed
        self.next: Stub | Link = link
        self.previous: Stub | None = None
        self.state: Any = None
        self._input: deque[Chunk] = deque()
        self._room = placed.toxic.room
        self._ended: Ending | None = None
        self._saw_end = False
        self._held: Chunk | None = None
        self._pipe: Any = None
        self._wish = ""
        self._running = False
        self._closed = False
        self._bites = True
        self._alarm: Alarm | None = None
        self._written = 0

    # --- for toxics

    @cached_property
    def chance(self) -> Random:
        """This stub's own chance: repeatable if the server or the toxic has a seed."""
        return self.placed.chance_for(self.link.connection.number)

    def now(self) -> float:
        """Seconds on the monotonic clock, the one in `chunk.time`."""
        return self.link.connection.alarms.now()

    async def read(self, until: float = inf) -> Chunk | None:
        """The next chunk; None at the end of the stream. Raises TimeoutError at the monotonic time `until`."""
        await self.arrival(until)
        if not self._input:
            self._saw_end = True
            return None
        self._held = self._input.popleft()
        if len(self._input) == self._room - 1:
            self._freed()
        return self._held

    async def arrival(self, until: float = inf) -> None:
        """Wait until there is something to read or the stream has ended, and leave it there."""
        while not self._input and not self._ended:
            await self._wait("input", until)
            if self.now() >= until:
                raise TimeoutError

    async def write(self, chunk: Chunk) -> None:
        """Pass a chunk on, then wait until the next in the chain has room again."""
        self.put(chunk)
        self._written += 1
        if self._written % BREATH == 0:
            await self._wait("time", self.now())
        while self.next.full:
            await self._wait("room")

    def put(self, chunk: Chunk) -> None:
        """Pass a chunk on without waiting; for the last one before a toxic returns."""
        if chunk is self._held:
            self._held = None
        if chunk.data:
            self.next.push(chunk)

    def drop(self) -> None:
        """Throw away what was read and not written."""
        self._held = None

    async def sleep(self, seconds: float) -> None:
        """Wait so long; never less."""
        if seconds > 0:
            await self.sleep_until(self.now() + seconds)

    async def sleep_until(self, when: float) -> None:
        """Wait until the monotonic clock shows `when`; never less."""
        while self.now() < when:
            await self._wait("time", when)

    async def forever(self) -> None:
        """Wait until interrupted."""
        while True:
            await self._wait("time")

    def close(self) -> None:
        """End the connection behind what has been passed on; what still comes is thrown away."""
        if not self._closed:
            self._closed = True
            self._input.clear()
            self.next.finish(Ending.CLOSE)
            self._freed()

    def reset(self) -> None:
        """End the connection now, with an RST to both sides."""
        self.link.connection.abort(reset=True)

    # --- for the link and the neighbours

    @property
    def full(self) -> bool:
        """Is there no room for another chunk?"""
        return len(self._input) >= self._room and not self._closed

    def push(self, chunk: Chunk) -> None:
        """Take a chunk from the one before; there is always room for one that is already on its way."""
        if not self._closed:
            self._input.append(chunk)
            self._wake("input")

    def finish(self, ending: Ending) -> None:
        """Nothing more will come."""
        if self._ended is not Ending.CLOSE:
            self._ended = ending
            self._wake("input")

    def room_ahead(self) -> None:
        """The next one may have room again."""
        if not self.next.full:
            self._wake("room")

    def start(self, bites: bool = True) -> None:
        """Let the toxic begin, or begin anew with what has become of its settings; what does not bite lets all pass.

        It stays in the chain then, with its state: a count goes on when it bites again.
        """
        self._bites = bites
        if not self._closed:
            toxic = self.placed.toxic if bites else PASSING
            self._room = toxic.room
            self._pipe = toxic.pipe(self)
            self._step()

    def interrupt(self) -> None:
        """Stop the toxic where it waits; the chunk it holds goes on at once."""
        self._end_pipe()
        if self._held and not self._closed:
            self.put(self._held)
        self._held = None

    def stop(self) -> None:
        """Interrupt for good: let the toxic clean up, and hand all that waits to the next."""
        self.interrupt()
        if self._bites:
            self.placed.toxic.cleanup(self)
        if self._closed:
            return
        self._closed = True
        for chunk in self._input:
            self.next.push(chunk)
        if self._ended:
            self.next.finish(self._ended)

    def kill(self) -> None:
        """End without a trace."""
        self._closed = True
        self._input.clear()
        self._held = None
        if not self._running:
            self._end_pipe()

    # --- driving the coroutine

    async def _wait(self, wish: str, until: float = inf) -> None:
        if until < inf:
            self._alarm = self.link.connection.alarms.at(until, self._step)
        await _pause(wish)

    def _wake(self, wish: str) -> None:
        if self._wish == wish:
            self._step()

    def _step(self, error: BaseException | None = None) -> None:
        if self._running or self._pipe is None:
            return
        self._disarm()
        self._running = True
        try:
            self._wish = self._pipe.throw(error) if error else self._pipe.send(None)
        except (StopIteration, Interrupted):
            self._pipe = None
        except Exception:
            logger.exception("toxic %s broke; its connection is closed", self.placed.name)
            self._pipe = None
            self.link.connection.abort()
        finally:
            self._running = False
        if self._pipe is None and not error:
            self._returned()
        elif self._closed:
            self._end_pipe()

    def _returned(self) -> None:
        if self._saw_end and not self._closed:
            self._closed = True
            assert self._ended
            self.next.finish(self._ended)
        else:
            self.close()

    def _end_pipe(self) -> None:
        if self._pipe is not None:
            self._step(Interrupted())
        if self._pipe is not None:  # it went on waiting: a toxic that breaks the first law
            logger.error("toxic %s does not stop when interrupted", self.placed.name)
            pipe, self._pipe = self._pipe, None
            try:
                pipe.close()
            except RuntimeError:
                pass  # nor when closed; it will not be asked again
        self._disarm()

    def _disarm(self) -> None:
        self._wish = ""
        if self._alarm:
            self._alarm.cancel()
            self._alarm = None

    def _freed(self) -> None:
        if self.previous:
            self.previous.room_ahead()
        else:
            self.link.balance()
