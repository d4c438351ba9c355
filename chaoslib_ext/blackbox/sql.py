"""Asks a database one query, on a connection of its own, with a time limit, so that nothing can be written.

PostgreSQL: a transaction that is read only, has a statement timeout, and is rolled back. SQLite: the file is opened to
be read. Both by SQLAlchemy.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chaoslib_ext.clock import SYSTEM, Clock
from chaoslib_ext.errors import ProbeError

from .bounded import bounded
from .sql_place import Place
from .sql_query import Query
from .sql_values import plain

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult, Engine

__all__ = ["Result", "ask"]


@dataclass(frozen=True)
class Result:
    """The first rows, as plain data; `more` when there are others. `seconds` is the query alone, without connecting."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    more: bool
    seconds: float


def ask(place: Place, query: Query, timeout: float, *, most: int = 1, clock: Clock = SYSTEM) -> Result:
    """At most `most` rows of the answer, in at most `timeout` seconds, connecting included.

    Raises NoAnswer when the database cannot be reached or does not answer in time, ProbeError when it refuses.
    """
    asking = _Asking(place, place.engine(timeout), query, timeout, most, clock)  # loads libraries before time is taken
    late = f"{place}: not answered in {timeout:g} s; is it up, and is `timeout` long enough?"
    return bounded(asking.answer, timeout, late, give_up=asking.cut, clock=clock)


@dataclass
class _Asking:
    """One question under way."""

    place: Place
    engine: "Engine"
    query: Query
    timeout: float
    most: int
    clock: Clock
    connection: Any = None

    def answer(self) -> Result:
        """The driver's own words when it fails; not SQLAlchemy's, which repeat the values of the parameters."""
        from sqlalchemy.exc import DBAPIError, SQLAlchemyError

        try:
            with self.engine.connect() as connection:  # leaving it rolls back
                self.connection = connection.connection.driver_connection
                self.place.limit(connection, self.timeout)
                return _answer(connection, self.query, self.most, self.clock)
        except DBAPIError as error:
            raise self.place.error(error.orig or error) from None
        except SQLAlchemyError as error:
            raise ProbeError(f"{self.place}: {error}; are all of the query's :names in `params`?") from None

    def cut(self) -> None:
        """End it from outside; a connection that is still being made ends by its own limit."""
        if self.connection is not None:
            self.place.cut(self.connection)


def _answer(connection: "Connection", query: Query, most: int, clock: Clock) -> Result:
    began = clock.monotonic()
    result = _executed(connection, query)
    if not result.returns_rows:
        raise ProbeError("the query gives no rows; a probe asks with SELECT")
    found = result.fetchmany(most + 1)
    spent = clock.monotonic() - began
    rows = tuple(tuple(plain(value) for value in row) for row in found[:most])
    return Result(tuple(result.keys()), rows, len(found) > most, spent)


def _executed(connection: "Connection", query: Query) -> "CursorResult[Any]":
    from sqlalchemy import text

    if query.params:
        return connection.execute(text(query.sql), dict(query.params))
    # as it is: neither a % nor a :name in it means anything
    return connection.execution_options(no_parameters=True).exec_driver_sql(query.sql)
