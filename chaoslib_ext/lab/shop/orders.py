"""Products and orders in PostgreSQL. Each question is one statement and one round trip."""

import os
from importlib.resources import files
from typing import Any
from uuid import UUID, uuid4

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

from .answers import BadRequest

__all__ = ["Orders"]

_PLACE = """
WITH placed AS (
    INSERT INTO orders (id, customer, total_cents, status) VALUES (%(id)s, %(customer)s, %(total)s, 'placed')
)
INSERT INTO order_lines (order_id, sku, quantity)
SELECT %(id)s, sku, quantity FROM jsonb_to_recordset(%(lines)s) AS line (sku text, quantity integer)
"""


class Orders:
    """The tables of `schema.sql` at DATABASE_URL, through a pool of DATABASE_POOL connections (10)."""

    def __init__(self) -> None:
        self._pool = ConnectionPool(
            os.environ["DATABASE_URL"],
            min_size=int(os.environ.get("DATABASE_POOL", "10")),
            timeout=5,
            kwargs={"autocommit": True, "connect_timeout": 5, "prepare_threshold": None},
            open=False,
        )

    def open(self) -> None:
        """Connect, and create the tables if they are missing."""
        self._pool.open(wait=True, timeout=20)
        with self._pool.connection() as connection:
            connection.execute(files(__package__).joinpath("schema.sql").read_bytes())

    def close(self) -> None:
        """Let the connections go."""
        self._pool.close(timeout=1)

    def products(self) -> list[dict[str, Any]]:
        """All products, by name."""
        return self._rows("SELECT sku, name, price_cents FROM products ORDER BY name", {})

    def place(self, customer: str, lines: dict[str, int]) -> tuple[UUID, int]:
        """Write down an order; its id and total in cents. Raises BadRequest for a product there is not."""
        found = self._rows("SELECT sku, price_cents FROM products WHERE sku = ANY(%(skus)s)", {"skus": list(lines)})
        prices = {row["sku"]: row["price_cents"] for row in found}
        if missing := sorted(set(lines) - set(prices)):
            raise BadRequest(f"no such product: {', '.join(missing)}")
        order, total = uuid4(), sum(prices[sku] * quantity for sku, quantity in lines.items())
        rows = [{"sku": sku, "quantity": quantity} for sku, quantity in lines.items()]
        self._do(_PLACE, {"id": order, "customer": customer, "total": total, "lines": Jsonb(rows)})
        return order, total

    def mark(self, order: UUID, status: str) -> None:
        """Say how far the order has come: paid, or payment pending."""
        self._do("UPDATE orders SET status = %(status)s WHERE id = %(id)s", {"id": order, "status": status})

    def order(self, order: UUID) -> dict[str, Any] | None:
        """One order, or None."""
        found = self._rows(
            "SELECT id::text, customer, total_cents, status FROM orders WHERE id = %(id)s", {"id": order}
        )
        return found[0] if found else None

    def pending(self, most: int = 20) -> list[tuple[UUID, int]]:
        """Orders whose payment is still owed, the oldest first: (id, total in cents)."""
        rows = self._rows(
            "SELECT id, total_cents FROM orders WHERE status = 'payment pending' ORDER BY placed_at LIMIT %(most)s",
            {"most": most},
        )
        return [(row["id"], row["total_cents"]) for row in rows]

    def _rows(self, question: str, values: dict[str, Any]) -> list[dict[str, Any]]:
        with self._pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(question, values).fetchall()

    def _do(self, statement: str, values: dict[str, Any]) -> None:
        with self._pool.connection() as connection:
            connection.execute(statement, values)
