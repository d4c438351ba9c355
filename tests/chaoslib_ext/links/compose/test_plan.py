"""From a whole file to links: what can be one, what cannot and why."""

from collections.abc import Callable
from pathlib import Path

import pytest

from chaoslib_ext.errors import BadInput
from chaoslib_ext.links.compose.plan import Plan, plan

Compose = Callable[..., Path]
SHOP = """services:
  web:
    image: shop
    env_file: gone.env
    environment:
      DATABASE_URL: postgres://u:${SECRET:-s3cret}@db:5432/shop
      REDIS_HOST: cache
      QUEUE: amqp://queue
      PAY_URL: http://pay/v1
      SEARCH_URL: http://search:9200
    depends_on: [db, mail]
  worker:
    image: shop
    environment: [DATABASE_URL=postgres://u:p@db:5432/shop, "SELF=http://worker:80"]
  db: {image: "postgres:16", ports: ["127.0.0.1:5433:5432"]}
  cache: {image: valkey/valkey, container_name: shop-cache, ports: ["6379:6379"]}
  queue: {image: rabbitmq, ports: ["5672"]}
  pay: {build: ./pay}
  search: {image: elasticsearch, network_mode: host}
  mail: {image: axllent/mailpit, ports: ["1025:1025", "8025:8025"]}
  metrics: {image: "mysql:8", ports: ["3307:3306"]}
"""


@pytest.fixture
def shop(compose: Compose) -> Plan:
    return plan([compose(SHOP)], shell={})


def test_what_this_machine_reaches_is_a_link(shop: Plan) -> None:
    assert [(one.name, one.upstream, one.tag) for one in shop.ways] == [
        ("db", "127.0.0.1:5433", "database"),
        ("cache", "127.0.0.1:6379", "cache"),
        ("search", "127.0.0.1:9200", "search"),
    ]
    assert [caller for caller, _ in shop.ways[0].spots] == ["web", "worker"]


def test_what_it_does_not_is_told_why_and_what_to_do(shop: Plan) -> None:
    why = {one.service: one.why for one in shop.skipped}
    assert set(why) == {"queue", "pay", "mail", "metrics"}
    assert why["queue"].startswith("Docker chooses the port of this machine for its 5672 anew")
    assert why["pay"] == 'this machine does not reach its port 80; publish it: ports: ["127.0.0.1:80:80"]'
    assert why["mail"] == "no variable of web names it; if it is called, link it: --service mail"
    assert "at 127.0.0.1:3307, and no service here calls it" in why["metrics"]
    assert shop.notes == ("gone.env is not there: what it tells web is not known here",)


def test_only_the_services_that_are_chosen_called_or_not(compose: Compose) -> None:
    file = compose(SHOP)
    assert [one.name for one in plan([file], ["mail", "db"], shell={}).ways] == ["db", "mail"]
    assert plan([file], ["mail"], shell={}).ways[0].upstream == "127.0.0.1:1025"
    assert [one.service for one in plan([file], ["pay"], shell={}).skipped] == ["pay"]
    with pytest.raises(BadInput, match=r"has no service 'dbb'; did you mean db\?"):
        plan([file], ["dbb"], shell={})


def test_a_service_with_two_ports_has_a_link_for_each(compose: Compose) -> None:
    file = compose(
        "services: {web: {environment: {A: 'http://api', B: 'http://api:81'}}, api: {ports: ['8080:80', '8081:81']}}"
    )
    assert [(one.name, one.upstream) for one in plan([file], shell={}).ways] == [
        ("api-80", "127.0.0.1:8080"),
        ("api-81", "127.0.0.1:8081"),
    ]


def test_a_port_that_nobody_says_is_the_only_one_there_is(compose: Compose) -> None:
    one = compose("services: {web: {environment: {API_HOST: api}}, api: {ports: ['8080:80']}}")
    assert [way.upstream for way in plan([one], shell={}).ways] == ["127.0.0.1:8080"]
    two = compose("services: {web: {environment: {API_HOST: api}}, api: {ports: ['8080:80', '1:1']}}")
    assert "neither a variable nor its image says its port" in plan([two], shell={}).skipped[0].why


def test_names_of_all_kinds_are_hosts(compose: Compose) -> None:
    file = compose(
        "services:\n"
        "  web: {links: ['db:sql'], environment: {A: 'http://sql:1', B: 'http://box:1', C: 'http://far:1'}}\n"
        "  db: {ports: ['7:1'], container_name: '${NAME:-box}', networks: {back: {aliases: [far]}}}\n"
    )
    (way,) = plan([file], shell={}).ways
    assert [spot.before for _, spot in way.spots] == ["sql:1", "box:1", "far:1"]
