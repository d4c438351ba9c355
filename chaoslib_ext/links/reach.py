"""Does a link lead somewhere: is its upstream reached, is its proxy, and does TLS answer there?"""

import socket
import ssl

__all__ = ["reached", "speaks_tls"]


def reached(address: str, *, timeout_s: float = 3.0) -> str:
    """Empty when host:port takes a connection, else why not."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=timeout_s).close()
    except OSError as error:
        return str(error.strerror or error or type(error).__name__)
    return ""


def speaks_tls(address: str, *, timeout_s: float = 2.0) -> bool:
    """Does it answer a TLS greeting? (Not so PostgreSQL, which begins TLS in its own way.) Nothing is verified."""
    host, _, port = address.rpartition(":")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=timeout_s) as plain:
            context.wrap_socket(plain).close()
    except ssl.SSLError as error:
        return "ALERT" in str(error.reason or "")  # it spoke TLS, if only to refuse
    except OSError:
        return False
    return True
