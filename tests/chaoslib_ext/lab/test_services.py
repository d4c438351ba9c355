from chaoslib_ext.lab.layout import Service
from chaoslib_ext.lab.services import ServiceProcess, health
from chaoslib_ext.lab.state import LabState, lab_dir


def test_a_service_is_told_addresses_and_secrets_by_its_environment() -> None:
    service = Service("checkout", 1, {"DATABASE_URL": "postgresql://shop:{secret}@{orders-postgres}/shop"})
    process = ServiceProcess(service, lab_dir(), {"orders-postgres": "127.0.0.1:5"}, "xyz")
    command = process.command(8000)
    assert command.settings["DATABASE_URL"] == "postgresql://shop:xyz@127.0.0.1:5/shop"
    assert "xyz" not in " ".join(map(str, command.argv)), "everybody can read a command line"


def test_it_is_ready_only_when_this_very_service_answers(shared_lab: LabState) -> None:
    links, port = shared_lab.links, shared_lab.processes["payment"].port
    assert ServiceProcess(Service("payment", 1), lab_dir(), links, "").answers(port)
    assert not ServiceProcess(Service("storefront", 1), lab_dir(), links, "").answers(port)


def test_no_good_answer_is_no_health(shared_lab: LabState) -> None:
    assert health(1) is None
    assert health(shared_lab.processes["valkey"].port) is None
