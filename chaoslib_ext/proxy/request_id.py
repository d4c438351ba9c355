"""The id of each answer (`X-Toxiproxy-Request-Id`), and what it tells of the server that gave it.

Twelve bytes in base 32, as the original has them (github.com/rs/xid): the second, who counts, and a count. "Who" is
there three bytes of the machine and two of the process; here five bytes drawn at the start. Either way it is the same
as long as a server lives, and another one's after it.
"""

import base64
import itertools
import re

from chaoslib_ext.clock import SYSTEM, new_id

__all__ = ["RequestIds", "instance_in"]

_FORM = re.compile("[0-9a-v]{20}")


class RequestIds:
    """Of one server, from its start to its end."""

    def __init__(self) -> None:
        self._who = bytes.fromhex(new_id(10))
        self._count = itertools.count(int(new_id(6), 16))

    def next(self) -> str:
        """One that was not given before."""
        second, count = int(SYSTEM.wall().timestamp()), next(self._count)
        id = second.to_bytes(4, "big") + self._who + (count & 0xFFFFFF).to_bytes(3, "big")
        return base64.b32hexencode(id).decode().rstrip("=").lower()


def instance_in(id: str | None) -> str | None:
    """Who gave it, as ten hex digits; None for what is no such id."""
    if id is None or not _FORM.fullmatch(id):
        return None
    return base64.b32hexdecode(id.upper() + "====")[4:9].hex()
