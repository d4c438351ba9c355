"""What has passed: bytes by direction, counted where they pass."""

__all__ = ["Traffic"]


class Traffic:
    """One direction of a proxy as it listens now: bytes read from senders and written to receivers."""

    __slots__ = ("received", "sent")

    def __init__(self) -> None:
        self.received = 0
        self.sent = 0
