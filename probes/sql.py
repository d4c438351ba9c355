"""What a database answers to a query: a value, rows, the time it took. Reads only, and the database sees to that.

All take `url` (postgresql://, postgres:// or sqlite:///file), `query` (one statement) and `params` (the values of
`:name` in it). `password` stands for the one in the url: write `${name}` and give it in the experiment's `secrets`;
no message and no record shows it. `timeout` bounds the whole probe, connecting included. PostgreSQL is asked in a
transaction that is read only, SQLite by a file opened to be read. PostgreSQL needs
`pip install 'chaostoolkit-ext[postgres]'`.
"""

from typing import Any

from chaoslib_ext.blackbox.arguments import seconds, secret, whole
from chaoslib_ext.blackbox.sql import Result, ask
from chaoslib_ext.blackbox.sql_place import place
from chaoslib_ext.blackbox.sql_query import Query
from chaoslib_ext.errors import ProbeError

__all__ = ["query_ms", "rows", "scalar"]


def scalar(
    url: str,
    query: str,
    params: dict[str, Any] | None = None,
    *,
    missing: Any = None,
    password: str | None = None,
    timeout: str = "10s",
) -> Any:
    """The one value of the one row; `missing` when there is no row. Raises ProbeError when there is more than that."""
    answer = _asked(url, query, params, password, timeout, most=1)
    if answer.more or len(answer.columns) != 1:
        raise ProbeError(f"the query gives {_size(answer)}, and not one value; ask for less, or use probes.sql.rows")
    return answer.rows[0][0] if answer.rows else missing


def rows(
    url: str,
    query: str,
    params: dict[str, Any] | None = None,
    *,
    most: int = 100,
    password: str | None = None,
    timeout: str = "10s",
) -> list[dict[str, Any]]:
    """Every row as a mapping of its columns, kept in the record. Raises ProbeError when there are more than `most`."""
    answer = _asked(url, query, params, password, timeout, most=whole("most", most, 1, 10_000))
    if answer.more:
        raise ProbeError(f"the query gives more than {most} rows; count them with SELECT count(*), or raise `most`")
    return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]


def query_ms(
    url: str,
    query: str = "SELECT 1",
    params: dict[str, Any] | None = None,
    *,
    password: str | None = None,
    timeout: str = "10s",
) -> float:
    """Milliseconds from sending the query to its first row, on a connection that stands already."""
    return round(_asked(url, query, params, password, timeout, most=1).seconds * 1000, 3)


def _asked(
    url: str, query: str, params: dict[str, Any] | None, password: str | None, timeout: str, *, most: int
) -> Result:
    asked = Query(query, params or {})
    where = place(url, secret("password", password))
    return ask(where, asked, seconds("timeout", timeout), most=most)


def _size(answer: Result) -> str:
    return f"{'several rows' if answer.more else '1 row'} of {len(answer.columns)} columns"
