"""How a person writes down where a Toxiproxy API is, and the form in which we connect to it: `http://host:port`."""

from chaoslib_ext.errors import BadInput
from chaoslib_ext.server_name import split

__all__ = ["DEFAULT_URL", "base_url", "host_port"]

DEFAULT_URL = "http://127.0.0.1:8474"
"""Where Toxiproxy listens unless told otherwise (its server.go)."""


def base_url(text: str, *, source: str = "the server's URL") -> str:
    """The base URL without a trailing slash, from `http://host:port`, `host:port` or `[::1]:port`.

    `source` says in the message where the text came from (an option, a variable). Raises BadInput.
    """
    if "@" in text:
        raise BadInput(
            f"{source} carries a user or a password; it would end up in records: take it out, and set TOXIPROXY_URL, "
            "which may have them"
        )
    parts = split(text)
    if parts is None:
        raise BadInput(f"{source} is {text!r}, which is not an address; write http://host:port, such as {DEFAULT_URL}")
    host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else parts.hostname
    port = "" if parts.port is None else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}{parts.path.rstrip('/')}"


def host_port(text: str, *, source: str) -> str:
    """`host:port` as a proxy's upstream must be; the server would take anything and fail at the first connection.

    Raises BadInput naming `source`. The host may be a name, an IPv4 address or an IPv6 one in brackets.
    """
    wanted = text.strip()
    host, _, port = wanted.rpartition(":")
    if not host or not port.isdigit() or "/" in wanted or "@" in wanted or split(wanted) is None:
        raise BadInput(f"{source} is {text!r}, which is not an address; write host:port, such as 127.0.0.1:5432")
    return wanted
