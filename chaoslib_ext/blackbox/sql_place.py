"""Where a database is: PostgreSQL or SQLite, by URL; and how each is opened, limited and cut off. Never to be written.

Raises BadInput for what is no such URL; no message carries the password.
"""

import math
import os
import socket
import sqlite3
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from chaoslib_ext.clean_text import one_line
from chaoslib_ext.errors import BadInput, NoAnswer, ProbeError

from .arguments import secret_url
from .extras import need

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

__all__ = ["Place", "place"]


class Place(Protocol):
    """What a question asks of the place. Its `str` is for messages."""

    def engine(self, timeout: float) -> "Engine":
        """One that keeps no connection open; ProbeError with the command that installs what is missing."""

    def limit(self, connection: "Connection", timeout: float) -> None:
        """See that the database itself refuses to write, and ends the query after that many seconds."""

    def cut(self, connection: Any) -> None:
        """End what the driver's connection waits for; called from another thread."""

    def error(self, error: Exception) -> ProbeError:
        """What the driver's error means: not reached or not in time, or refused."""


def place(url: str, password: str | None = None) -> Place:
    """The database at a URL: postgresql://, postgres:// or sqlite:///; `password` stands for the one in it."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(secret_url("url", url, "postgresql://user@host:5432/database"))
    except (ArgumentError, ValueError):
        raise BadInput(
            "the url is no database URL; write postgresql://user@host:5432/database or sqlite:////folder/file.db; "
            "a password with odd signs goes into `password`"
        ) from None
    if parsed.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return _Postgres(parsed.set(drivername="postgresql+psycopg", password=password or parsed.password))
    if parsed.drivername in ("sqlite", "sqlite+pysqlite") and parsed.database not in (None, "", ":memory:"):
        return _Sqlite(Path(str(parsed.database)))
    raise BadInput(f"a {parsed.drivername}: URL like this is not asked; only postgresql:// and files by sqlite:/// are")


@dataclass(frozen=True)
class _Postgres:
    url: "URL"

    def __str__(self) -> str:
        return f"postgresql://{self.url.host or ''}:{self.url.port or 5432}/{self.url.database or ''}"

    def engine(self, timeout: float) -> "Engine":
        need("psycopg", "postgres", "asking PostgreSQL")
        return _postgres_engine(self.url, max(2, math.ceil(timeout)))

    def limit(self, connection: "Connection", timeout: float) -> None:
        connection.execution_options(postgresql_readonly=True)
        # within the transaction only: a pooler in between may give the session to somebody else
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {max(1, round(timeout * 1000))}")

    def cut(self, connection: Any) -> None:
        try:
            with socket.socket(fileno=os.dup(connection.fileno())) as wire:
                wire.shutdown(socket.SHUT_RDWR)
        except Exception:  # psycopg's own, or an OSError: it ended by itself this moment
            return

    def error(self, error: Exception) -> ProbeError:
        from psycopg import OperationalError

        said = one_line(str(error))
        if self.url.password:
            said = said.replace(str(self.url.password), "[redacted]")
        if isinstance(error, OperationalError):
            return NoAnswer(f"{self}: {said}; is it up, are user and password right, and is `timeout` long enough?")
        return ProbeError(f"{self}: {said}; a probe only reads")


@cache
def _postgres_engine(url: "URL", connect_timeout: int) -> "Engine":
    """Kept, without any connection: a new one first asks six questions about the server, each a way over the link."""
    from sqlalchemy import NullPool, create_engine

    limits = {"connect_timeout": connect_timeout, "fallback_application_name": "chaostoolkit-ext"}
    return create_engine(url, poolclass=NullPool, connect_args=limits, use_native_hstore=False)


@dataclass(frozen=True)
class _Sqlite:
    file: Path

    def __str__(self) -> str:
        return f"sqlite:///{self.file}"

    def engine(self, timeout: float) -> "Engine":
        from sqlalchemy import NullPool, create_engine

        if not self.file.is_file():
            raise ProbeError(f"{self}: there is no such file; a path from the root has four slashes: sqlite:////...")
        where = f"file:{quote(str(self.file.absolute()))}?mode=ro"

        def connect() -> sqlite3.Connection:
            connection = sqlite3.connect(where, uri=True, timeout=timeout, check_same_thread=False)
            connection.set_authorizer(_no_other_file)
            return connection

        return create_engine("sqlite://", creator=connect, poolclass=NullPool)

    def limit(self, connection: "Connection", timeout: float) -> None:
        """Opened to be read; `cut` ends a query that takes too long."""

    def cut(self, connection: Any) -> None:
        connection.interrupt()

    def error(self, error: Exception) -> ProbeError:
        return ProbeError(f"{self}: {error}; a probe only reads")


def _no_other_file(action: int, *_: str | None) -> int:
    """Read-only is the file that was named: another one that is attached (VACUUM INTO does so too) would be written."""
    return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_ATTACH else sqlite3.SQLITE_OK
