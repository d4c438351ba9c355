"""What a record of the test data must look like; the shop's own rules, checked before a record is used."""

import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from chaoslib_ext.errors import BadFile

__all__ = ["KINDS", "Address", "Card", "Cart", "Product", "User", "problems", "read"]

_Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
_Sku = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Address(_Record):
    """Where a parcel goes; `country` is an ISO 3166 code of two letters."""

    street: Annotated[str, Field(min_length=1)]
    city: Annotated[str, Field(min_length=1)]
    postcode: Annotated[str, Field(min_length=1)]
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


class Card(_Record):
    """A payment card: its last four digits, and the month (YYYY-MM) it ends with."""

    last4: Annotated[str, Field(pattern=r"^\d{4}$")]
    expires: Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]


class User(_Record):
    """A customer; `currency` is an ISO 4217 code, `locale` a language and country such as de-CH."""

    name: _Name
    display_name: Annotated[str, Field(min_length=1, max_length=300)]
    kind: Annotated[str, Field(min_length=1)]
    locale: Annotated[str, Field(pattern=r"^[a-z]{2}-[A-Z]{2}$")]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    addresses: list[Address]
    card: Card | None
    blocked: bool


class Product(_Record):
    """What is sold; `price_cents` in hundredths of the shop's currency, `stock` in pieces."""

    sku: _Sku
    name: Annotated[str, Field(min_length=1, max_length=300)]
    price_cents: Annotated[int, Field(gt=0)]
    stock: Annotated[int, Field(ge=0)]


class Cart(_Record):
    """What a customer has put in: quantities from 1 to 999 by sku."""

    customer: _Name
    items: dict[_Sku, Annotated[int, Field(ge=1, le=999)]]


KINDS: dict[str, type[_Record]] = {"users": User, "products": Product, "carts": Cart}
"""File of a version -> what each of its records is."""
_LISTS: dict[str, Any] = {"users": list[User], "products": list[Product], "carts": list[Cart]}


def problems(kind: str, records: object) -> list[str]:
    """Everything that is wrong with a list of records: `record 3, card.expires: ...`; empty when nothing is."""
    try:
        TypeAdapter[Any](_LISTS[kind]).validate_python(records)
    except ValidationError as error:
        return [_told(one) for one in error.errors()]
    return []


def _told(one: Any) -> str:
    number, *field = one["loc"] or ("the file",)
    where = f"record {number + 1}" if isinstance(number, int) else str(number)
    return f"{where}{', ' + '.'.join(map(str, field)) if field else ''}: {one['msg']}"


def read(kind: str, file: Path) -> list[dict[str, Any]]:
    """The records of a file, checked. Raises BadFile, naming every record and field that is wrong."""
    try:
        records: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadFile(f"{file}: it cannot be read as JSON ({error}); write it anew") from None
    if wrong := problems(kind, records):
        raise BadFile(f"{file}: {len(wrong)} wrong in {kind}:", more=[f"  {one}" for one in wrong])
    return records
