"""Who calls whom: where a service's name is a host, and where it is only a word."""

from pathlib import Path

import pytest

from chaoslib_ext.links.compose.calls import Call, calls_in
from chaoslib_ext.links.compose.environment import Variable
from chaoslib_ext.links.compose.text import Text

KNOWN = {name: name for name in ("db", "postgres", "redis", "kafka1", "kafka2", "rabbitmq", "basket-api", "mail.box")}


def calls(*pairs: str) -> list[Call]:
    variables = []
    for pair in pairs:
        name, _, value = pair.partition("=")
        variables.append(Variable(name, value, Text(value, Path("c.yml"), 1)))
    return list(calls_in("web", variables, KNOWN))


@pytest.mark.parametrize(
    ("pair", "service", "port", "before"),
    [
        ("URL=postgres://postgres:postgres@postgres:5432/postgres", "postgres", 5432, "postgres:5432"),
        ("URL=postgresql+psycopg2://db:db@db/db", "db", 5432, "db"),
        ("URL=db+postgresql://u:p%40@db/x", "db", 5432, "db"),
        ("URL=jdbc:postgresql://db:5432/shop?user=db", "db", 5432, "db:5432"),
        ("URL=redis://:secret@redis:6379/0", "redis", 6379, "redis:6379"),
        ("URL=redis://redis", "redis", 6379, "redis"),
        ("JAVA_OPTS=-Xmx1g -Dspring.url=jdbc:postgresql://db:5432/x -Da=b", "db", 5432, "db:5432"),
        ("urls__basket=http://basket-api", "basket-api", 80, "basket-api"),
        ("X=http://basket-api:81/hc?x=redis", "basket-api", 81, "basket-api:81"),
        ("AMQP=amqp://guest:guest@rabbitmq//", "rabbitmq", 5672, "rabbitmq"),
        ("MONGO_HOST=db:27017", "db", 27017, "db:27017"),
        ("DSN=user:pw@tcp(db:3306)/shop", "db", 3306, "db:3306"),
        ("C=Server=db,1433;Database=db;User Id=sa;Password=db", "db", 1433, "db,1433"),
        ("C=Server=tcp:db,1433;Password=x", "db", 1433, "db,1433"),
        ("SMTP_HOST=mail.box:25", "mail.box", 25, "mail.box:25"),
        ("ORACLE=jdbc:oracle:thin:@db:1521:xe", "db", 1521, "db:1521"),
    ],
)
def test_one_call_and_what_to_replace(pair: str, service: str, port: int, before: str) -> None:
    (call,) = calls(pair)
    assert (call.service, call.port) == (service, port)
    (spot,) = call.spots
    assert (spot.before, spot.holds) == (before, "both")


@pytest.mark.parametrize(
    "pair",
    [
        "POSTGRES_DB=postgres",
        "POSTGRES_USER=postgres",
        "DB_CONNECTION=postgres",
        "QUEUE_CONNECTION=redis",
        "IMAGE=redis:7",
        "X=redis:7",
        "POSTGRES_IMAGE=postgres:5432",
        "URL=https://db.example.com/db",
        "URL=postgres://redis:5432@outside:5432/db",
        "URL=postgres://postgres:postgres@outside/postgres",
        "FLAGS=--db --redis-mode",
        "PATH=/usr/share/redis:/opt/db",
        "LOG=org.redis=ERROR",
        "DB_HOST=mydb",
        "DB_HOST=localhost",
        "EMPTY=",
    ],
)
def test_a_word_that_is_no_host_is_no_call(pair: str) -> None:
    assert calls(pair) == []


def test_a_host_and_its_port_apart() -> None:
    (call,) = calls("REDIS_HOST=redis", "REDIS_PORT=6380", "OTHER_PORT=1")
    assert (call.service, call.port) == ("redis", 6380)
    assert [(one.variable.name, one.before, one.holds) for one in call.spots] == [
        ("REDIS_HOST", "redis", "host"),
        ("REDIS_PORT", "6380", "port"),
    ]
    (call,) = calls("DSN=host=db port=5433 user=db password=db dbname=db")
    assert (call.port, [(one.before, one.holds) for one in call.spots]) == (
        5433,
        [("db", "host"), ("port=5433", "port")],
    )


def test_a_host_alone_says_so() -> None:
    (call,) = calls("AUTHENTIK_POSTGRESQL__HOST=postgres")
    assert (call.port, call.spots[0].holds) == (None, "alone")
    (call,) = calls("ConnectionStrings__EventBus=rabbitmq")
    assert (call.service, call.port) == ("rabbitmq", None)


def test_several_hosts_are_several_calls() -> None:
    assert [(one.service, one.port) for one in calls("KAFKA_BROKERS=kafka1:9092,kafka2:9093")] == [
        ("kafka1", 9092),
        ("kafka2", 9093),
    ]
    assert [one.service for one in calls("URL=mongodb://u:p@kafka1:1,kafka2:1/x")] == ["kafka1", "kafka2"]
    assert [one.service for one in calls("CASSANDRA_SEEDS=kafka1, kafka2")] == ["kafka1", "kafka2"]
    assert [one.service for one in calls("ES=http://kafka1:9200,http://kafka2:9200")] == ["kafka1", "kafka2"]


def test_nobody_else_is_there() -> None:
    assert list(calls_in("web", [], {})) == []
