import pytest

from chaoslib_ext.lab.data import folder
from chaoslib_ext.lab.shop.data import products, users


def test_it_is_read_from_the_folder_it_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_DATA", str(folder()))
    assert users()["mei"]["display_name"] == "林 美"
    assert "teapot" in {product["sku"] for product in products()}
