"""Free ports on 127.0.0.1: the usual one if nobody has it, so that addresses stay the same from day to day."""

import os
import socket

from chaoslib_ext.errors import BadInput

__all__ = ["HOST", "Ports", "is_free"]

HOST = "127.0.0.1"


def is_free(port: int) -> bool:
    """Could a server listen on this port now?"""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


class Ports:
    """Hands out ports, none twice. With CHAOS_LAB_PORTS=free the usual ones are not even tried.

    Raises BadInput for any other value of it.
    """

    def __init__(self) -> None:
        self._given: set[int] = set()
        wanted = os.environ.get("CHAOS_LAB_PORTS")
        if wanted and wanted != "free":
            raise BadInput(f"CHAOS_LAB_PORTS is {wanted!r}; only `free` is known: set it to that, or unset it")
        self._usual = not wanted

    def pick(self, usual: int) -> int:
        """The usual port if it is free, else any free one; somebody may still take it before it is bound."""
        port = usual if self._usual and usual not in self._given and is_free(usual) else self._any()
        self._given.add(port)
        return port

    def again(self, port: int) -> int:
        """The port somebody had before, if it is free; else any."""
        self._given.add(port)
        return port if is_free(port) else self._any()

    def _any(self) -> int:
        while True:
            with socket.socket() as probe:
                probe.bind((HOST, 0))
                port: int = probe.getsockname()[1]
            if port not in self._given:
                return port
