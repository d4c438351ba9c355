"""The lines to change; edited so, the file really leads over the links."""

from collections.abc import Callable
from pathlib import Path

from chaoslib_ext.links.compose.changes import Change, changes
from chaoslib_ext.links.compose.plan import plan

Compose = Callable[..., Path]
TEXT = """x-env: &env
  DATABASE_URL: postgres://u:s3cret@db:5432/shop
  REDIS_HOST: redis
  REDIS_PORT: 6379
  QUEUE: ${QUEUE}
services:
  web: {environment: *env}
  worker: {environment: {<<: *env, SQL: "Server=mssql,1433;Password=s3cret", MEM_HOST: mem}}
  db: {image: postgres, ports: ["5432:5432"]}
  redis: {image: redis, ports: ["6379:6379"]}
  queue: {image: rabbitmq, ports: ["5672:5672"]}
  mssql: {ports: ["1433:1433"]}
  mem: {image: memcached, ports: ["11211:11211"]}
"""


def told(file: Path, host: str = "127.0.0.1") -> list[Change]:
    ways = plan([file], shell={}).ways
    return changes(ways, {way.name: f"{host}:{26001 + number}" for number, way in enumerate(ways)})


def test_each_line_once_with_all_who_read_it_and_no_secret(compose: Compose) -> None:
    compose("QUEUE=amqp://queue/\n", ".env")
    file = compose(TEXT)
    said = [(Path(one.file).name, one.line, one.services, one.before, one.after, one.port) for one in told(file)]
    both = ("web", "worker")
    assert said == [
        (".env", 1, both, "queue", "host.docker.internal:26003", None),
        ("docker-compose.yml", 2, both, "db:5432", "host.docker.internal:26001", None),
        ("docker-compose.yml", 3, both, "redis", "host.docker.internal", None),
        ("docker-compose.yml", 4, both, "6379", "26002", None),
        ("docker-compose.yml", 8, ("worker",), "mssql,1433", "host.docker.internal,26004", None),
        ("docker-compose.yml", 8, ("worker",), "mem", "host.docker.internal", 26005),
    ]
    assert "s3cret" not in str(said)


def test_an_address_that_containers_reach_is_named_itself(compose: Compose) -> None:
    assert told(compose(TEXT), host="172.17.0.1")[0].after == "172.17.0.1:26001"
    assert told(compose(TEXT), host="0.0.0.0")[0].after == "host.docker.internal:26001"


def test_a_file_that_is_changed_so_calls_none_of_them_any_more(compose: Compose) -> None:
    file = compose(TEXT.replace("  QUEUE: ${QUEUE}\n", ""))
    lines = file.read_text().splitlines()
    for one in told(file):
        assert one.before in lines[one.line - 1]
        head, _, value = lines[one.line - 1].partition(f"{one.variable}:")
        lines[one.line - 1] = head + f"{one.variable}:" + value.replace(one.before, one.after, 1)
    assert not plan([compose("\n".join(lines))], shell={}).ways
