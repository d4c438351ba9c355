"""The shop's data put into its stores: the tables, the products, the carts that customers left last time."""

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from .data import VERSION, folder

__all__ = ["VERSION", "fill_cache", "fill_database"]

_PRODUCT = """
INSERT INTO products (sku, name, price_cents, stock) VALUES (%(sku)s, %(name)s, %(price_cents)s, %(stock)s)
ON CONFLICT (sku) DO UPDATE SET name = excluded.name, price_cents = excluded.price_cents, stock = excluded.stock
"""


def fill_database(database: Any) -> None:
    """Make the tables that are missing, and put every product as it was. `database` is a psycopg connection."""
    database.execute(files("chaoslib_ext.lab.shop").joinpath("schema.sql").read_text())
    with database.cursor() as cursor:
        cursor.executemany(_PRODUCT, _read("products"))


def fill_cache(cache: Any) -> None:
    """Put the carts in. `cache` is a Valkey client."""
    for cart in _carts():
        cache.hset(f"cart:{cart['customer']}", mapping=cart["items"])


def _carts() -> Iterator[dict[str, Any]]:
    return (cart for cart in _read("carts") if cart["items"])  # Valkey has no empty hash


def _read(what: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder() / f"{what}.json").read_text("utf-8"))
    return found
