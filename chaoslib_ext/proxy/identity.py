"""Which server is this? Told so that an undo reaches the very server its fault was put on, not a later one on its port.

Each answer says who gave it (`request_id.py`), ours and the original's, near and far. The original in a container may
say the same after a restart (its machine and its pid are the same again); there, and behind what keeps headers to
itself, names and addresses must do.
"""

from .client import Client

__all__ = ["identity_of", "is_another"]

_KIND = "instance "


def identity_of(client: Client) -> str | None:
    """Who gave the last answer that this thread had from there, or None."""
    return f"{_KIND}{client.heard}" if client.heard else None


def is_another(client: Client, recorded: str | None) -> bool:
    """Was the last answer that this thread had from there another server's than the one of that identity, which has
    gone then? False where that cannot be told.
    """
    return bool(recorded and client.heard) and recorded != f"{_KIND}{client.heard}"
