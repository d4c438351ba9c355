import pytest

from chaoslib_ext.blackbox.sql_query import Query
from chaoslib_ext.errors import BadInput


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1",
        "SELECT 1;\n",
        "SELECT ';' AS \"a;b\"",
        "SELECT $x$;$x$, $$;$$ -- ; here\n/* ; */ FROM t",
        "SELECT 'it''s; so'",
    ],
)
def test_one_statement_passes_whatever_stands_in_quotes(query: str) -> None:
    assert Query(query).sql == query


@pytest.mark.parametrize("query", ["SELECT 1; SELECT 2", "SELECT ''; COMMIT", "COMMIT;;DELETE FROM t", "SELECT '; x"])
def test_several_do_not(query: str) -> None:
    with pytest.raises(BadInput, match="one statement"):
        Query(query)
