"""What a user of a port sees: does it take a connection, how long does that take, how does it greet. Reads only.

All take `address` (`host:port`); `timeout` bounds the whole probe. Nothing is sent. A Toxiproxy takes a connection
itself, whatever becomes of it behind: at the address of a link, `connects` and `connect_ms` are about the proxy.
"""

from chaoslib_ext.blackbox import tcp
from chaoslib_ext.blackbox.arguments import address as host_and_port
from chaoslib_ext.blackbox.arguments import seconds

__all__ = ["banner", "connect_ms", "connects"]


def connects(address: str, *, timeout: str = "5s") -> bool:
    """Does it take a connection within `timeout`? False when it is refused or not answered.

    Raises NoAnswer where that could not be tried: no such name, no network on this side.
    """
    host, port = host_and_port("address", address)
    try:
        connection, _ = tcp.dial(host, port, seconds("timeout", timeout))
    except tcp.NotThere:
        return False
    connection.close()
    return True


def connect_ms(address: str, *, timeout: str = "5s") -> float:
    """Milliseconds until a connection stood, the look-up of the name included. Raises NoAnswer when none did."""
    host, port = host_and_port("address", address)
    connection, spent = tcp.dial(host, port, seconds("timeout", timeout))
    connection.close()
    return round(spent * 1000, 3)


def banner(address: str, *, timeout: str = "5s") -> str:
    """The first line of a server that speaks first (SMTP, FTP, SSH), as text. Raises NoAnswer when none comes."""
    host, port = host_and_port("address", address)
    return tcp.first_line(host, port, seconds("timeout", timeout))
