import sqlite3
from pathlib import Path

import pytest

from chaoslib_ext.blackbox.sql import ask
from chaoslib_ext.blackbox.sql_place import place
from chaoslib_ext.blackbox.sql_query import Query
from chaoslib_ext.errors import ProbeError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    with sqlite3.connect(tmp_path / "a.db") as database:
        database.execute("CREATE TABLE t (n)")
        database.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(5)])
    database.close()
    return tmp_path / "a.db"


def test_no_more_rows_than_asked_for_and_whether_there_are_others(file: Path) -> None:
    where, query = place(f"sqlite:///{file}"), Query("SELECT n FROM t ORDER BY n")
    two, all_of_them = ask(where, query, 10, most=2), ask(where, query, 10, most=5)
    assert (two.rows, two.more, two.columns) == (((0,), (1,)), True, ("n",))
    assert len(all_of_them.rows) == 5 and not all_of_them.more
    assert two.seconds >= 0


def test_what_gives_no_rows_is_no_question(file: Path) -> None:
    with pytest.raises(ProbeError, match="gives no rows; a probe asks with SELECT"):
        ask(place(f"sqlite:///{file}"), Query("SAVEPOINT here"), 10)
    with pytest.raises(ProbeError, match="readonly"):
        ask(place(f"sqlite:///{file}"), Query("DROP TABLE t"), 10)
