import sqlite3
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.errors import BadInput, NoAnswer, ProbeError
from chaoslib_ext.proxy.client import Client
from probes import sql

pytestmark = pytest.mark.joins("probes", "postgresql")


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A SQLite with three products."""
    path = tmp_path / "sh op.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE products (sku TEXT, price REAL)")
        database.executemany("INSERT INTO products VALUES (?, ?)", [("cup", 3.5), ("pot", 20), ("tea", 8)])
    database.close()
    return f"sqlite:///{path}"


def ask(database: Any, query: str, *args: Any, **how: Any) -> Any:
    return sql.scalar(database.url(), query, *args, password=database.password, **how)


def test_a_value_of_a_postgresql(database: Any) -> None:
    assert ask(database, "SELECT count(*) FROM products") > 0
    assert ask(database, "SELECT price_cents FROM products WHERE sku = :sku", {"sku": "none"}, missing=-1) == -1
    assert ask(database, "SELECT '50 %' || ':x'") == "50 % :x".replace(" :", ":")
    assert ask(database, """SELECT '{"a": 1}'::jsonb ->> 'a'""") == "1"


def test_both_spellings_and_the_password_in_the_url(database: Any) -> None:
    from urllib.parse import quote

    with_password = f"//shop:{quote(database.password, safe='')}@{database.address}/shop"
    for scheme in ("postgresql:", "postgres:", "postgresql+psycopg:"):
        assert sql.scalar(f"{scheme}{with_password}", "SELECT 1;") == 1


def test_rows_and_values_as_json_can_hold_them(database: Any) -> None:
    query = """SELECT 1.50::numeric AS a, 7::numeric AS b, 'NaN'::float8 AS c, '\\x00ff'::bytea AS d,
        TIMESTAMPTZ '2026-11-22 03:00:00Z' AS e, INTERVAL '90 s' AS f, ARRAY[1, 2] AS g, NULL AS h, true AS i,
        '0d9e3a30-0000-0000-0000-000000000000'::uuid AS j"""
    (row,) = sql.rows(database.url(), query, password=database.password)
    assert row | {"e": ""} == {
        "a": 1.5,
        "b": 7,
        "c": "nan",
        "d": "00ff",
        "e": "",
        "f": 90.0,
        "g": [1, 2],
        "h": None,
        "i": True,
        "j": "0d9e3a30-0000-0000-0000-000000000000",
    }
    assert row["e"].startswith("2026-11-2")


def test_the_time_of_a_query_is_that_of_its_link(database: Any, link: Callable[[str], str], embedded: str) -> None:
    here = database.url(link(database.address))
    Client(embedded).add_toxic("link", "latency", attributes={"latency": 200})
    assert sql.query_ms(here, password=database.password, timeout="30s") >= 200
    assert sql.scalar(here, "SELECT 1", password=database.password, timeout="30s") == 1


@pytest.mark.parametrize(
    "toxic",
    [("timeout", {"timeout": 0}), ("slicer", {"average_size": 1, "delay": 100_000})],
    ids=["silent", "a-byte-at-a-time"],
)
def test_a_database_behind_a_link_that_is_cut_or_trickles_is_no_answer_in_time(
    database: Any, link: Callable[[str], str], embedded: str, toxic: tuple[str, dict[str, Any]]
) -> None:
    here = link(database.address)
    Client(embedded).add_toxic("link", toxic[0], attributes=toxic[1])
    with pytest.raises(NoAnswer, match=rf"postgresql://{here}/shop: .*(in 1 s|timeout)"):
        sql.scalar(database.url(here), "SELECT 1", password=database.password, timeout="1s")


def test_a_server_that_trickles_is_no_answer_in_time(trickling: Callable[[bytes], str]) -> None:
    begun = b"NR\x00\x00\x03\xe8"  # no TLS; then the first 5 of 1,001 bytes that ask who we are
    with pytest.raises(NoAnswer, match=r"not answered in 0\.5 s"):
        sql.scalar(f"postgresql://shop@{trickling(begun)}/shop", "SELECT 1", timeout="500ms")


def test_a_query_that_takes_too_long_is_ended_in_the_server_too(database: Any) -> None:
    with pytest.raises(NoAnswer, match=r"not answered in 0\.5 s|statement timeout"):
        ask(database, "SELECT pg_sleep(60)", timeout="500ms")
    left = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()"
    from probes import eventually

    probe = {"module": "probes.sql", "func": "scalar"}
    probe["arguments"] = {"url": database.url(), "query": left, "password": database.password}  # type: ignore[assignment]
    assert eventually.reached(probe, 0, within="20s", every="100ms")["status"] == "reached"


@pytest.mark.parametrize(
    "query", ["DELETE FROM orders", "CREATE TABLE mine (a int)", "SELECT nextval('a')", "UPDATE products SET sku = ''"]
)
def test_a_postgresql_cannot_be_written(database: Any, query: str) -> None:
    before = ask(database, "SELECT count(*) FROM products")
    with pytest.raises(ProbeError, match=r"read-only|does not exist"):
        ask(database, query)
    assert ask(database, "SELECT count(*) FROM products") == before


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("DELETE FROM products", "readonly"),
        ("CREATE TABLE mine (a)", "readonly"),
        ("INSERT INTO products VALUES ('x', 1) RETURNING sku", "readonly"),
        ("ATTACH '{folder}/new.db' AS another", "not authorized|authorization denied"),
        ("VACUUM INTO '{folder}/new.db'", "not authorized|authorization denied"),
    ],
)
def test_a_file_cannot_be_written(file: str, query: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(ProbeError, match=says):
        sql.scalar(file, query.format(folder=tmp_path))
    assert sql.scalar(file, "SELECT count(*) FROM products") == 3
    assert [one.name for one in tmp_path.glob("*.db")] == ["sh op.db"]


def test_a_file_is_asked_as_well(file: str) -> None:
    assert sql.scalar(file, "SELECT price FROM products WHERE sku = :sku", {"sku": "cup"}) == 3.5
    assert sql.rows(file, "SELECT sku FROM products ORDER BY 1") == [{"sku": "cup"}, {"sku": "pot"}, {"sku": "tea"}]
    assert sql.query_ms(file) > 0


def test_a_query_of_a_file_that_takes_too_long_is_cut(file: str) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    with pytest.raises(NoAnswer, match=r"not answered in 0\.3 s"):
        sql.scalar(file, endless, timeout="300ms")


def test_a_value_is_one_value(file: str) -> None:
    with pytest.raises(ProbeError, match="several rows of 1 columns, and not one value"):
        sql.scalar(file, "SELECT sku FROM products")
    with pytest.raises(ProbeError, match="1 row of 2 columns, and not one value"):
        sql.scalar(file, "SELECT sku, price FROM products LIMIT 1")
    with pytest.raises(ProbeError, match="more than 2 rows"):
        sql.rows(file, "SELECT sku FROM products", most=2)


def test_no_message_shows_a_password(database: Any, closed: str) -> None:
    wrong = "so-very-secret"
    for url, password in (
        (database.url(), wrong),
        (f"postgresql://shop:{wrong}@{database.address}/shop", None),
        (f"postgresql://shop:{wrong}@{closed}/shop", None),
        (f"mysql://shop:{wrong}@{closed}/shop", None),
        (f"postgresql://shop:{wrong}@{closed}:x:y/shop", None),
        (f"shop:{wrong}@", None),
    ):
        with pytest.raises((ProbeError, BadInput)) as caught:
            sql.scalar(url, "SELECT 1", password=password)
        told = "".join(traceback.format_exception_only(caught.value))
        assert wrong not in told and len(told) > 40


def test_nobody_there_and_no_such_table_are_told_apart(database: Any, closed: str, file: str) -> None:
    with pytest.raises(NoAnswer, match=rf"postgresql://{closed}/shop: .*refused.*is it up"):
        sql.scalar(f"postgresql://shop@{closed}/shop", "SELECT 1")
    with pytest.raises(ProbeError, match='relation "ordres" does not exist') as caught:
        ask(database, "SELECT 1 FROM ordres")
    assert not isinstance(caught.value, NoAnswer)
    with pytest.raises(ProbeError, match="no such table"):
        sql.scalar(file, "SELECT 1 FROM ordres")
    with pytest.raises(ProbeError, match="there is no such file"):
        sql.scalar("sqlite:////none/there.db", "SELECT 1")


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"url": "mysql://a/b"}, "only postgresql://"),
        ({"url": "sqlite://"}, "files by sqlite:///"),
        ({"url": "sqlite:///:memory:"}, "files by sqlite:///"),
        ({"url": "shop"}, "no database URL"),
        ({"url": "${db}"}, r"url still holds a name in \$\{\}"),
        ({"url": None}, "url must be text"),
        ({"query": ""}, "query must be text"),
        ({"query": "SELECT 1; DELETE FROM orders"}, "one statement"),
        ({"query": "SELECT ';'; COMMIT"}, "one statement"),
        ({"params": ["tea"]}, "params must be a mapping"),
        ({"password": "${shop_password}"}, r"password is still \$\{shop_password\}"),
        ({"password": 7}, "password must be text"),
        ({"timeout": "soon"}, "timeout"),
    ],
)
def test_a_wrong_question_is_refused(closed: str, wrong: dict[str, Any], named: str) -> None:
    how = {"url": f"postgresql://shop@{closed}/shop", "query": "SELECT 1", **wrong}
    with pytest.raises(BadInput, match=named):
        sql.scalar(**how)


def test_a_name_without_its_value_is_told(file: str) -> None:
    with pytest.raises(ProbeError, match="are all of the query's :names in `params`"):
        sql.scalar(file, "SELECT :a, :b", {"a": 1})


def test_without_the_driver_the_command_is_told(closed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "psycopg" else found(name))
    with pytest.raises(
        ProbeError, match=r"psycopg, which is not installed: pip install 'chaostoolkit-ext\[postgres\]'"
    ):
        sql.scalar(f"postgresql://shop@{closed}/shop", "SELECT 1")
