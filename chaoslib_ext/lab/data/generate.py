"""Any number of customers with their carts, made from a seed: the same seed gives the same ones, byte for byte."""

from random import Random
from typing import Any

from chaoslib_ext.clock import chance as source_of_chance
from chaoslib_ext.errors import BadInput

__all__ = ["generated"]

_GIVEN = ("Ann", "Béla", "美", "نور", "Zoë", "João", "Þór", "Aoife", "प्रिया", "Min-jun", "Olga", "Łukasz")
_FAMILY = ("Baker", "Kovács", "林", "الحسن", "Müller", "d'Ávila", "Guðmundsdóttir", "Okonkwo", "O'Brien", "Иванова")
_PLACES = (
    ("en-GB", "GBP", "GB"),
    ("hu-HU", "HUF", "HU"),
    ("ja-JP", "JPY", "JP"),
    ("ar-KW", "KWD", "KW"),
    ("de-CH", "CHF", "CH"),
    ("pt-BR", "BRL", "BR"),
    ("en-NG", "NGN", "NG"),
    ("is-IS", "ISK", "IS"),
)
_SKUS = ("kettle", "teapot", "cup", "sencha", "assam", "honey", "matcha", "biscuit")
_MOST = 1_000_000


def generated(users: int, seed: int) -> dict[str, list[dict[str, Any]]]:
    """`{"users": [...], "carts": [...]}`; each record keeps the schema. Raises BadInput for a number out of range."""
    for name, value, least, most in (("users", users, 0, _MOST), ("seed", seed, 0, 2**63)):
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise BadInput(f"{name} must be a whole number from {least} to {most}, not {value!r}")
    chance = source_of_chance(seed)
    people = [_user(chance, number) for number in range(users)]
    return {"users": people, "carts": [_cart(chance, person["name"]) for person in people]}


def _user(chance: Random, number: int) -> dict[str, Any]:
    locale, currency, country = chance.choice(_PLACES)
    kind = chance.choices(("new", "loyal", "expired card", "blocked"), (50, 40, 7, 3))[0]
    year = chance.randint(2015, 2024) if kind == "expired card" else 2099
    return {
        "name": f"g{number}",
        "display_name": f"{chance.choice(_GIVEN)} {chance.choice(_FAMILY)}",
        "kind": kind,
        "locale": locale,
        "currency": currency,
        "addresses": [_address(chance, country) for _ in range(chance.choice((0, 1, 1, 1, 2, 12)))],
        "card": {"last4": f"{chance.randrange(10_000):04}", "expires": f"{year}-{chance.randint(1, 12):02}"},
        "blocked": kind == "blocked",
    }


def _address(chance: Random, country: str) -> dict[str, str]:
    postcode = f"{chance.randrange(100_000):05}"
    return {
        "street": f"{chance.randint(1, 400)} Tea Street",
        "city": "Teaville",
        "postcode": postcode,
        "country": country,
    }


def _cart(chance: Random, customer: str) -> dict[str, Any]:
    chosen = chance.sample(_SKUS, chance.choice((0, 1, 1, 2, 3, len(_SKUS))))
    return {"customer": customer, "items": {sku: chance.choice((1, 1, 2, 3, 999)) for sku in chosen}}
