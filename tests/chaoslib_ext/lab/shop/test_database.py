import pytest

from chaoslib_ext.lab.shop.calls import Gone
from chaoslib_ext.lab.shop.database import Database, answers_within


@pytest.fixture
def address(shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://shop:{shop.lab.secret}@{shop.lab.links['cart-postgres']}/shop")


def test_a_question_that_failed_costs_no_connection(shop, address: None) -> None:
    database = Database(size=2)
    database.open()
    for _ in range(5):
        with pytest.raises(Gone, match="does not answer"):
            database.rows("SELECT no_such_column", {})
    assert database.rows("SELECT 1 AS one", {}) == [{"one": 1}]
    database.close()


def test_a_pool_that_is_dry_says_so_and_a_new_one_is_not(shop, address: None) -> None:
    database = Database(size=2)
    database.open()
    taken = [database.take(), database.take()]
    with pytest.raises(Gone, match="no connection left"):
        database.rows("SELECT 1", {})
    database.renew()
    assert database.rows("SELECT 1 AS one", {}) == [{"one": 1}]
    assert len(taken) == 2
    database.close()


def test_whether_it_answers_is_asked_anew(shop, address: None) -> None:
    assert answers_within(2)
    shop.proxy.update("cart-postgres", enabled=False)
    assert not answers_within(2)
