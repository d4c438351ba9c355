"""How a person writes down where a Toxiproxy API is, and the one form we keep it in: `http://host:port`."""

import re
from ipaddress import AddressValueError, IPv6Address
from urllib.parse import SplitResult, urlsplit

from chaoslib_ext.errors import BadInput

__all__ = ["DEFAULT_URL", "base_url", "host_port"]

DEFAULT_URL = "http://127.0.0.1:8474"
"""Where Toxiproxy listens unless told otherwise (its server.go)."""

_HOST = re.compile(r"^[a-z0-9_]([a-z0-9._-]*[a-z0-9_.])?$")


def base_url(text: str, *, source: str = "the server's URL") -> str:
    """The base URL without a trailing slash, from `http://host:port`, `host:port` or `[::1]:port`.

    `source` says in the message where the text came from (an option, a variable). Raises BadInput.
    """
    wanted = text.strip()
    if "@" in wanted:
        raise BadInput(
            f"{source} carries a user or a password; it would end up in records: take it out, and set TOXIPROXY_URL, "
            "which may have them"
        )
    parts = _split(wanted if "://" in wanted else f"http://{wanted}")
    if parts is None or ("://" not in wanted and parts.port is None):
        raise BadInput(f"{source} is {text!r}, which is not an address; write http://host:port, such as {DEFAULT_URL}")
    host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else parts.hostname
    port = "" if parts.port is None else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}{parts.path.rstrip('/')}"


def host_port(text: str, *, source: str) -> str:
    """`host:port` as a proxy's upstream must be; the server would take anything and fail at the first connection.

    Raises BadInput naming `source`. The host may be a name, an IPv4 address or an IPv6 one in brackets.
    """
    host, _, port = text.strip().rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not _is_host(bare.lower()) or (":" in host and bare == host) or not (port.isdigit() and 0 < int(port) < 65536):
        raise BadInput(f"{source} is {text!r}, which is not an address; write host:port, such as 127.0.0.1:5432")
    return text.strip()


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and _is_host(parts.hostname or "") and parts.port != 0
    except ValueError:  # a port out of range, a broken IPv6 literal
        return None
    odd = parts.query or parts.fragment or any(c.isspace() or not c.isprintable() for c in url)
    return parts if usable and not odd else None


def _is_host(host: str) -> bool:
    if ":" not in host:
        return bool(_HOST.match(host))
    try:
        IPv6Address(host)
    except AddressValueError:
        return False
    return True
