import psutil

from chaoslib_ext.lab.layout import LINKS, SERVICES
from chaoslib_ext.lab.state import LabState
from chaoslib_ext.lab.status import status
from chaoslib_ext.proxy.client import Client


def test_no_lab_is_down_and_not_an_error() -> None:
    assert status().state == "down"


def test_a_whole_lab_names_every_process_and_link(shared_lab: LabState) -> None:
    stands = status()
    assert (stands.state, stands.problem) == ("up", None)
    services = {service.name for service in SERVICES}
    assert {part.name for part in stands.processes} == {"toxiproxy", "postgres", "valkey"} | services
    assert {link.name for link in stands.links} == {link.name for link in LINKS}


def test_a_fault_under_way_is_shown_and_does_not_make_the_lab_broken(shared_lab: LabState) -> None:
    client = Client(str(shared_lab.server))
    client.add_toxic("checkout-payment", "latency", name="cx-1", attributes={"latency": 5})
    client.update("catalog-valkey", enabled=False)
    try:
        stands = status()
        links = {link.name: link for link in stands.links}
        assert links["checkout-payment"].toxics == ("cx-1",)
        assert links["catalog-valkey"].state == "down"
        assert stands.state == "up"
    finally:
        client.reset()


def test_a_process_that_hangs_is_silent_not_running(own_lab: LabState) -> None:
    process = psutil.Process(own_lab.processes["payment"].pid)
    process.suspend()
    try:
        stands = status()
        assert stands.state == "broken"
        assert stands.problem == "payment is silent"
    finally:
        process.resume()
