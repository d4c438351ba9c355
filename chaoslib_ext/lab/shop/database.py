"""PostgreSQL at DATABASE_URL through a pool. Each question is one statement and one round trip."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Connection, Error
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

from .calls import Gone

__all__ = ["Database", "answers_within"]

_PATIENCE_S = 2.0
_OPTIONS = {"autocommit": True, "connect_timeout": 5, "prepare_threshold": None}


class Database:
    """A pool of `size` connections; whoever waits two seconds for one is told that the database is Gone.

    `standing` of them are held ready, the others are made when they are needed.
    """

    def __init__(self, size: int, standing: int = 2) -> None:
        self._size, self._standing = size, standing
        self._pool = self._new()

    def _new(self) -> ConnectionPool[Any]:
        url = os.environ["DATABASE_URL"]
        return ConnectionPool(
            url, min_size=self._standing, max_size=self._size, timeout=_PATIENCE_S, kwargs=_OPTIONS, open=False
        )

    def open(self) -> None:
        """Connect. Raises PoolTimeout when that takes longer than 20 s."""
        self._pool.open(wait=True, timeout=20)

    def close(self) -> None:
        """Let the connections go."""
        self._pool.close(timeout=1)

    def renew(self) -> None:
        """A new pool in the place of the old one, as a restart would make it. Raises Gone."""
        fresh = self._new()
        try:
            fresh.open(wait=True, timeout=_PATIENCE_S)
        except PoolTimeout as error:
            fresh.close(timeout=0)
            raise Gone("the database does not take new connections") from error
        old, self._pool = self._pool, fresh
        old.close(timeout=0)

    def rows(self, question: str, values: dict[str, Any]) -> list[dict[str, Any]]:
        """What the database tells. Raises Gone."""
        with self._connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(question, values).fetchall()

    def do(self, statement: str, values: dict[str, Any]) -> None:
        """Change something. Raises Gone."""
        with self._connection() as connection:
            connection.execute(statement, values)

    @contextmanager
    def _connection(self) -> Iterator[Connection[Any]]:
        try:
            with self.lent() as connection:
                yield connection
        except PoolTimeout as error:
            raise Gone("the database has no connection left for us") from error
        except Error as error:
            raise Gone(f"the database does not answer: {error}") from error

    @contextmanager
    def lent(self) -> Iterator[Connection[Any]]:
        """One connection of the pool, given back whatever happens."""
        with self._pool.connection() as connection:
            yield connection

    def take(self) -> Connection[Any]:
        """One connection, to be given back by `give_back`."""
        connection: Connection[Any] = self._pool.getconn()
        return connection

    def give_back(self, connection: Connection[Any]) -> None:
        """The pool has it again."""
        self._pool.putconn(connection)


def answers_within(seconds: float) -> bool:
    """Does the database answer a new connection at once? Asked outside the pool, so that nobody waits for it."""
    import psycopg

    try:
        with psycopg.connect(
            os.environ["DATABASE_URL"], connect_timeout=max(2, round(seconds)), autocommit=True
        ) as one:
            return one.execute("SELECT 1").fetchone() is not None
    except Error:
        return False
