"""From a name to addresses, each lookup in a thread of its own.

Event loops look up names in a handful of shared threads: a few names whose server does not answer would hold up every
dial by name and every `listen` of all proxies. Whoever asks for a name that is being looked up shares the answer, so
there are never more threads than names.
"""

import asyncio
import socket
from threading import Thread

__all__ = ["addresses"]

Loop = asyncio.AbstractEventLoop
Found = list[tuple[str, int]]
_asked: dict[tuple[Loop, str, str], "asyncio.Future[Found]"] = {}


async def addresses(host: str, port: str = "") -> Found:
    """Host and port of every address, best first, as getaddrinfo(3). Raises OSError or ValueError."""
    key = (asyncio.get_running_loop(), host, port)
    asked = _asked.get(key)
    if asked is None or asked.done():
        asked = _asked[key] = key[0].create_future()
        asked.add_done_callback(lambda done: _forget(key, done))
        try:
            Thread(target=_look_up, args=(*key, asked), daemon=True, name=f"lookup {host}").start()
        except RuntimeError as error:  # the system gives no more threads
            _answer(asked, OSError(str(error)))
    return await asyncio.shield(asked)  # one who no longer wants to know must not end it for the others


def _look_up(loop: Loop, host: str, port: str, asked: "asyncio.Future[Found]") -> None:
    try:
        entries = socket.getaddrinfo(host, port or None, type=socket.SOCK_STREAM)
        found: Found | Exception = [(str(entry[4][0]), int(entry[4][1])) for entry in entries]
    except (OSError, ValueError) as error:  # UnicodeError is a ValueError
        found = error
    try:
        loop.call_soon_threadsafe(_answer, asked, found)
    except RuntimeError:
        pass  # the loop has ended meanwhile: nobody waits any more


def _answer(asked: "asyncio.Future[Found]", found: Found | Exception) -> None:
    if asked.done():
        return
    if isinstance(found, Exception):
        asked.set_exception(found)
    else:
        asked.set_result(found)


def _forget(key: tuple[Loop, str, str], done: "asyncio.Future[Found]") -> None:
    if _asked.get(key) is done:
        del _asked[key]
    if not done.cancelled():
        done.exception()  # seen, even if everybody who asked has gone
