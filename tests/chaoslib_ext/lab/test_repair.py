import psutil
import pytest

from chaoslib_ext.errors import LabError
from chaoslib_ext.lab.features import harden, hardened
from chaoslib_ext.lab.layout import SERVICES
from chaoslib_ext.lab.repair import reset
from chaoslib_ext.lab.state import LabState, lab_dir, read
from chaoslib_ext.lab.status import status
from chaoslib_ext.proxy.client import Client
from probes import http

ORDER = {"customer": "ann", "items": {"cup": 1}}


@pytest.mark.parametrize("name", ["toxiproxy", "postgres", "valkey", *(service.name for service in SERVICES)])
def test_what_was_killed_runs_again_and_the_shop_sells(own_lab: LabState, name: str) -> None:
    psutil.Process(own_lab.processes[name].pid).kill()
    assert status().state == "broken"
    after = reset()
    assert after.state == "up", after.problem
    assert http.bad_fraction(f"{after.url}/checkout", 5, "POST", ORDER) == 0


def test_toxics_links_that_are_down_orders_and_cures_are_gone(shared_lab: LabState) -> None:
    client = Client(str(shared_lab.server))
    client.add_toxic("checkout-payment", "latency", attributes={"latency": 5})
    client.update("catalog-valkey", enabled=False)
    client.delete("storefront-checkout")
    harden(["payment-timeout"])
    after = reset()
    assert after.state == "up", after.problem
    assert all(link.state == "open" and not link.toxics for link in after.links)
    assert hardened(lab_dir()) == ()
    assert read(lab_dir()) is not None


def test_a_service_that_died_behind_a_link_that_is_cut_comes_back(own_lab: LabState) -> None:
    Client(str(own_lab.server)).add_toxic("orders-postgres", "timeout", attributes={"timeout": 0})
    Client(str(own_lab.server)).update("storefront-checkout", enabled=False)
    psutil.Process(own_lab.processes["checkout"].pid).kill()
    assert reset().state == "up"


def test_there_is_nothing_to_repair_without_a_lab() -> None:
    with pytest.raises(LabError, match="chaos lab up"):
        reset()
