import json
from pathlib import Path

import pytest

from chaoslib_ext.errors import BadFile, BadInput
from chaoslib_ext.lab.data import VERSION, folder
from chaoslib_ext.lab.data.schema import KINDS, problems, read

BROKEN = json.loads((folder() / "broken.json").read_text("utf-8"))


@pytest.mark.parametrize("version", range(1, VERSION + 1))
@pytest.mark.parametrize("kind", KINDS)
def test_every_record_of_every_version_is_as_it_must_be(kind: str, version: int) -> None:
    assert read(kind, folder(version) / f"{kind}.json")


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case["refusal"])
def test_a_broken_record_gets_the_refusal_it_is_listed_with(case: dict) -> None:
    assert any(told.startswith(case["refusal"]) for told in problems(case["kind"], [case["record"]]))


def test_the_customers_are_many_and_of_every_kind() -> None:
    users = read("users", folder() / "users.json")
    assert len({user["name"] for user in users}) == len(users) >= 30
    assert {"new", "loyal", "many addresses", "expired card", "blocked"} <= {user["kind"] for user in users}
    assert len({user["currency"] for user in users}) >= 15
    assert any(len(user["addresses"]) > 10 for user in users) and any(not user["addresses"] for user in users)


def test_carts_hold_what_is_sold_and_belong_to_customers() -> None:
    skus = {product["sku"] for product in read("products", folder() / "products.json")}
    names = {user["name"] for user in read("users", folder() / "users.json")}
    for cart in read("carts", folder() / "carts.json"):
        assert set(cart["items"]) <= skus
        assert cart["customer"] in names


def test_every_fault_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "products.json"
    file.write_text(
        '[{"sku": "a", "name": "A", "price_cents": 1, "stock": 1}, {"sku": "b", "price_cents": 0, "stock": 1}]'
    )
    with pytest.raises(BadFile, match=r"2 wrong in products:\n  record 2, name: .*\n  record 2, price_cents"):
        read("products", file)
    for text in ("{", "5"):
        file.write_text(text)
        with pytest.raises(BadFile):
            read("products", file)


def test_a_version_there_is_not_is_refused() -> None:
    with pytest.raises(BadInput, match="no test data of version 99; there is 1 to"):
        folder(99)
