"""Names for aiohttp, looked up in a thread that nobody waits for when it is too late.

aiohttp's own look-up runs in the loop's pool, and closing a loop waits for its pool: while a name server is silent, a
probe would take as long as the system's resolver, whatever its time limit.
"""

import asyncio
import socket
import threading

from aiohttp.abc import AbstractResolver, ResolveResult

__all__ = ["Names"]

_NUMERIC = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV


class Names(AbstractResolver):
    """The system's resolver."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """All addresses of a host. Raises OSError (gaierror) as the system does."""
        loop = asyncio.get_running_loop()
        found: asyncio.Future[list[ResolveResult]] = loop.create_future()

        def look() -> None:
            try:
                answer, error = _addresses(host, port, family), None
            except OSError as problem:
                answer, error = [], problem
            try:
                loop.call_soon_threadsafe(_tell, found, answer, error)
            except RuntimeError:
                pass  # the loop is closed: nobody waits any more

        threading.Thread(target=look, name="name look-up", daemon=True).start()
        return await found

    async def close(self) -> None:
        """Nothing is held."""


def _addresses(host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
    infos = socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
    return [
        ResolveResult(
            hostname=host, host=str(sockaddr[0]), port=int(sockaddr[1]), family=kind, proto=proto, flags=_NUMERIC
        )
        for kind, _, proto, _, sockaddr in infos
    ]


def _tell(found: "asyncio.Future[list[ResolveResult]]", answer: list[ResolveResult], error: OSError | None) -> None:
    if found.done():
        return
    if error is not None:
        found.set_exception(error)
    else:
        found.set_result(answer)
