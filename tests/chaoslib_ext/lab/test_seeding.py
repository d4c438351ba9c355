import psycopg
from valkey import Valkey

from chaoslib_ext.lab.seeding import fill_cache, fill_database
from chaoslib_ext.lab.state import LabState


def test_what_is_there_twice_is_there_once(shared_lab: LabState) -> None:
    with psycopg.connect(
        host="127.0.0.1",
        port=shared_lab.processes["postgres"].port,
        user="shop",
        dbname="shop",
        password=shared_lab.secret,
        autocommit=True,
    ) as database:
        database.execute("UPDATE products SET stock = 0 WHERE sku = 'cup'")
        fill_database(database)
        fill_database(database)
        found = database.execute("SELECT count(*), max(stock) FROM products WHERE sku = 'cup'").fetchone()
    assert found is not None
    assert found[0] == 1
    assert found[1] > 0


def test_carts_that_customers_left_are_in_the_cache(shared_lab: LabState) -> None:
    cache = Valkey(port=shared_lab.processes["valkey"].port, password=shared_lab.secret, decode_responses=True)
    cache.delete("cart:mei")
    fill_cache(cache)
    assert cache.hgetall("cart:mei") == {"gaiwan": "1", "sencha": "2"}
