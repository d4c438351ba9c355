"""The lab's PostgreSQL: made, started and asked, also as root, without changing anything else on the machine."""

import os
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from chaoslib_ext.errors import LabError

from . import binaries
from .ports import HOST
from .processes import Command, environment, found, tail
from .seeding import fill_database
from .state import ProcessState

__all__ = ["Postgres", "data_folder", "free_shared_memory"]

_SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "fsync": "off",  # a lab: what a crash of the machine takes may be lost
    "synchronous_commit": "off",
    "dynamic_shared_memory_type": "mmap",  # nothing in /dev/shm that a kill -9 would leave
    "shared_buffers": "16MB",
    "max_connections": "60",
}


class Postgres:
    """One server in `folder`, with the role and database `shop` behind a password of this lab alone."""

    name = "postgres"
    port = 21894

    def __init__(self, folder: Path, data: Path, secret: str) -> None:
        self.folder, self.data, self._secret = folder, data / "postgres", secret

    def prepare(self) -> None:
        """Make the data folder (initdb), or bury the server that was killed in it. Raises LabError with its words."""
        if (self.data / "PG_VERSION").is_file():
            return _bury(self.data / "postmaster.pid")
        self.data.mkdir(parents=True, mode=0o700)
        password = self.data.parent / "password"
        password.touch(mode=0o600)
        password.write_text(self._secret)
        for path in (self.data.parent, self.data, password):
            _hand_over(path)
        log = self.folder / "logs" / "postgres.log"
        made = self._initdb(password, log)
        password.unlink()
        if made != 0:
            raise LabError(
                f"PostgreSQL could not make its data folder {self.data}:",
                more=[
                    *tail(log).split("\n"),
                    "If there is no space: free some, or set CHAOS_STATE_DIR to a folder that has it (40 MB)",
                ],
            )

    def _initdb(self, password: Path, log: Path) -> int:
        argv = [binaries.postgres("initdb"), "-D", self.data, "-U", "postgres", "-A", "scram-sha-256"]
        argv += ["--pwfile", password, "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"]
        with log.open("ab") as output:
            return subprocess.run(
                [*_as_nobody_special(), *map(str, argv)],
                env=environment(self.folder, {}),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                user=_other_user(),
                extra_groups=[] if _other_user() else None,
                start_new_session=True,
                check=False,
            ).returncode

    def command(self, port: int) -> Command:
        """The server's command line."""
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        server = str(binaries.postgres("postgres"))
        argv = [*_as_nobody_special(), server, "-D", str(self.data), "-p", str(port), *settings]
        return Command(argv, user=_other_user())

    def answers(self, port: int) -> bool:
        """Does it let us in? Only our own server knows this lab's password."""
        import psycopg

        try:
            with self._connect(port, "postgres", "postgres"):
                return True
        except psycopg.OperationalError:
            return False

    def finish(self, port: int) -> None:
        """Make the shop's role and database, if they are not there. Raises LabError with what the server says."""
        import psycopg

        try:
            with self._connect(port, "postgres", "postgres") as server:
                if not server.execute("SELECT 1 FROM pg_roles WHERE rolname = 'shop'").fetchone():
                    server.execute(f"CREATE ROLE shop LOGIN PASSWORD '{self._secret}'")
                if not server.execute("SELECT 1 FROM pg_database WHERE datname = 'shop'").fetchone():
                    server.execute("CREATE DATABASE shop OWNER shop")
            with self._connect(port, "shop", "shop") as database:
                fill_database(database)
        except psycopg.Error as error:
            raise LabError(f"PostgreSQL would not make the shop's database: {error}") from error

    def clear(self, port: int) -> None:
        """Forget all orders and kept carts; every product as it was. Raises LabError with what the server says."""
        import psycopg

        try:
            with self._connect(port, "shop", "shop") as database:
                database.execute("TRUNCATE orders, carts CASCADE")
                fill_database(database)
        except psycopg.Error as error:
            raise LabError(f"PostgreSQL would not forget the orders: {error}; try: chaos lab down, then up") from error

    def _connect(self, port: int, user: str, database: str):  # type: ignore[no-untyped-def]
        import psycopg

        return psycopg.connect(
            host=HOST, port=port, user=user, dbname=database, password=self._secret, autocommit=True, connect_timeout=2
        )


def _bury(lock: Path) -> None:
    """A killed server may stay a zombie for as long as its parent likes, and PostgreSQL takes that for a living one.

    All else in its lock file stays: by the memory segment named in it PostgreSQL sees workers that still run.
    """
    try:
        pid, rest = lock.read_text().split("\n", 1)
        dead = found(ProcessState(port=0, pid=int(pid))) is None
    except (FileNotFoundError, ValueError):
        return  # ended by itself
    if dead:
        lock.write_text(f"{_NOBODYS_PID}\n{rest}")


_NOBODYS_PID = 2**22 + 1
"""Above all that Linux gives (PID_MAX_LIMIT, proc(5))."""


def data_folder(folder: Path) -> Path:
    """Where the data of a lab in `folder` goes: below it, or where another user can reach it if one must."""
    return Path(tempfile.mkdtemp(prefix="chaos-lab-")) if _other_user() else folder / "data"


def _as_nobody_special() -> list[str]:
    """PostgreSQL refuses to run as root: in a user namespace of its own it is not, and needs no new user."""
    if os.geteuid() == 0 and _namespaces_allowed():
        return ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
    return []


def _other_user() -> str | None:
    return "nobody" if os.geteuid() == 0 and not _namespaces_allowed() else None


@cache
def _namespaces_allowed() -> bool:
    try:
        tried = subprocess.run(
            ["unshare", "--user", "--map-user=1000", "--map-group=1000", "true"], capture_output=True, timeout=5
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tried.returncode == 0


def _hand_over(path: Path) -> None:
    if user := _other_user():
        import shutil

        shutil.chown(path, user)


def free_shared_memory(data: Path) -> None:
    """Give back the 56-byte System V segment that a killed server leaves (its id stands in postmaster.pid, line 7)."""
    import ctypes

    try:
        segment = int((data / "postgres" / "postmaster.pid").read_text().splitlines()[6].split()[1])
    except (OSError, IndexError, ValueError):
        return  # ended by itself: nothing is left
    IPC_RMID = 0  # man 2 shmctl
    ctypes.CDLL(None).shmctl(segment, IPC_RMID, None)
