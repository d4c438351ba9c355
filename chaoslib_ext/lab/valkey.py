"""The lab's Valkey: the server binary with our port and folder, behind a password of this lab alone."""

from pathlib import Path

from chaoslib_ext.errors import LabError

from . import binaries
from .ports import HOST
from .processes import Command
from .seeding import fill_cache

__all__ = ["ValkeyServer"]


class ValkeyServer:
    """One server that keeps its data in memory only."""

    name = "valkey"
    port = 21895

    def __init__(self, folder: Path, data: Path, secret: str) -> None:
        self._data, self._secret = data / "valkey", secret

    def prepare(self) -> None:
        """Write its settings; in a file, for a command line can be read by everybody."""
        self._data.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings = self._data / "valkey.conf"
        settings.touch(mode=0o600)
        settings.write_text(
            f'bind {HOST}\nrequirepass {self._secret}\ndir "{self._data}"\nsave ""\nappendonly no\ndaemonize no\n'
            "set-proc-title no\n"  # a title of its own would be written over the environment, and the mark in it
        )

    def command(self, port: int) -> Command:
        """The server's command line."""
        return Command([binaries.valkey_server(), self._data / "valkey.conf", "--port", str(port)])

    def answers(self, port: int) -> bool:
        """Does it let us in? Only our own server knows this lab's password."""
        from valkey.exceptions import ValkeyError

        try:
            return bool(self._client(port).ping())
        except ValkeyError:
            return False

    def finish(self, port: int) -> None:
        """Put the carts in that customers left. Raises LabError with what the server says."""
        self.clear(port)

    def clear(self, port: int) -> None:
        """Forget the product list; the carts as they were at first. Raises LabError with what the server says."""
        from valkey.exceptions import ValkeyError

        try:
            client = self._client(port)
            client.flushall()
            fill_cache(client)
        except ValkeyError as error:
            raise LabError(f"Valkey would not forget the carts: {error}; try: chaos lab down, then up") from error

    def _client(self, port: int):  # type: ignore[no-untyped-def]
        from valkey import Valkey

        return Valkey(host=HOST, port=port, password=self._secret, socket_timeout=2, socket_connect_timeout=2)
