from string import Formatter

from chaoslib_ext.lab.layout import LINKS, SERVICES, WEAKNESSES
from chaoslib_ext.lab.postgres import Postgres
from chaoslib_ext.lab.server import USUAL_PORT
from chaoslib_ext.lab.valkey import ValkeyServer

FIRST_EPHEMERAL_PORT = 32768


def test_the_links_that_experiments_name_are_there() -> None:
    assert {link.name for link in LINKS} == {
        "storefront",
        "storefront-catalog",
        "storefront-cart",
        "storefront-checkout",
        "storefront-recommendations",
        "catalog-valkey",
        "catalog-postgres",
        "cart-valkey",
        "cart-postgres",
        "checkout-orders",
        "checkout-payment",
        "checkout-shipping",
        "orders-postgres",
    }
    assert all(link.tags for link in LINKS)


def test_every_link_leads_to_a_process_and_every_setting_names_a_link() -> None:
    processes = {service.name for service in SERVICES} | {Postgres.name, ValkeyServer.name}
    assert {link.to for link in LINKS} == processes
    named = {
        field
        for service in SERVICES
        for text in service.settings.values()
        for _, field, _, _ in Formatter().parse(text)
        if field
    }
    assert named <= {link.name for link in LINKS} | {"secret"}


def test_usual_ports_differ_and_are_not_those_the_system_gives_away() -> None:
    ports = [one.port for one in (*LINKS, *SERVICES)] + [Postgres.port, ValkeyServer.port, USUAL_PORT]
    assert len(set(ports)) == len(ports)
    assert max(ports) < FIRST_EPHEMERAL_PORT


def test_a_weakness_belongs_to_a_service() -> None:
    assert {weakness.service for weakness in WEAKNESSES.values()} <= {service.name for service in SERVICES}
