import pytest

from chaoslib_ext.errors import LabError, UnknownTarget
from chaoslib_ext.lab.state import LabState
from chaoslib_ext.lab.where import cache, database, password, url
from probes import cache as caches
from probes import http, sql


def test_a_service_is_reached_through_its_link(shared_lab: LabState) -> None:
    assert url("storefront") == f"http://{shared_lab.links['storefront']}"
    assert http.status(url("payment") + "/health") == 200


def test_past_its_link_it_is_reached_where_the_process_itself_listens(shared_lab: LabState) -> None:
    assert url("shipping", direct=True) == f"http://127.0.0.1:{shared_lab.processes['shipping'].port}"
    assert http.status(url("shipping", direct=True) + "/health") == 200


@pytest.mark.joins("probes", "postgresql", "valkey")
def test_its_database_and_its_cache_can_be_asked(shared_lab: LabState) -> None:
    assert shared_lab.links["cart-postgres"] in database("cart-postgres")
    assert sql.scalar(database(), "SELECT count(*) FROM products", password=password()) > 0
    assert caches.answers(cache(), password=password()) is True


def test_an_unknown_service_and_no_lab_are_told_apart() -> None:
    with pytest.raises(UnknownTarget, match="did you mean checkout"):
        url("chekout")
    with pytest.raises(UnknownTarget, match="did you mean orders-postgres"):
        database("order-postgres")
    for where in (url, database, cache, password):
        with pytest.raises(LabError, match="chaos lab up"):
            where()
