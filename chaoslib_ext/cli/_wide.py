"""One line on stderr that names which new proxies others in the network can reach."""

import socket
from collections.abc import Iterable
from ipaddress import ip_address

from ._say import say

__all__ = ["warn_of_wide"]


def warn_of_wide(listens: Iterable[tuple[str, str]]) -> None:
    """Name those of these proxies (name, listen) that do not listen on loopback alone; silent when none does."""
    wide = [f"{name} ({listen})" for name, listen in listens if not _is_loopback(listen)]
    if wide:
        say(
            f"Others in the network can reach {', '.join(wide)}, and what is behind; to keep a proxy to this machine "
            'write "listen": "127.0.0.1:PORT".',
            err=True,
        )


def _is_loopback(listen: str) -> bool:
    """True if every address of that host is loopback; one that cannot be looked up listens nowhere."""
    host = listen.rpartition(":")[0].strip("[]").partition("%")[0]
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM) if host else []
    except (OSError, UnicodeError):
        return True
    addresses = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    return bool(host) and all((getattr(one, "ipv4_mapped", None) or one).is_loopback for one in addresses)
