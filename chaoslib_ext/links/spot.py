"""Where in a variable's value a host and a port stand, and how both are put in its place."""

from dataclasses import dataclass

__all__ = ["Place", "Spot"]


@dataclass(frozen=True)
class Spot:
    """`text` at `start` of the value of `variable`; `form` is what comes there, with {host} and {port}."""

    variable: str
    start: int
    text: str
    form: str = "{host}:{port}"

    def put(self, listen: str) -> str:
        """What stands there once a link listens on `listen` (host:port)."""
        host, _, port = listen.rpartition(":")
        return self.form.format(host=host, port=port)


@dataclass(frozen=True)
class Place:
    """One service that a variable leads to: its `upstream` (host:port), and the spots to change."""

    upstream: str
    spots: tuple[Spot, ...]
