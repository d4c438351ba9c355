"""What the shop knows from files: JSON in the folder that SHOP_DATA names, read once."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["products", "users"]


@cache
def users() -> dict[str, dict[str, Any]]:
    """The customers that have an account, by name."""
    return {user["name"]: user for user in _read("users")}


@cache
def products() -> list[dict[str, Any]]:
    """What is sold: sku, name, price_cents, stock."""
    return _read("products")


def _read(what: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((Path(os.environ["SHOP_DATA"]) / f"{what}.json").read_text("utf-8"))
    return found
