"""`chaos link add` in all its ways, on real servers; whatever is refused leaves nothing."""

import json
import os
import socket
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chaoslib_ext.proxy.client import Client

pytestmark = pytest.mark.usefixtures("link_ports")

Ran = subprocess.CompletedProcess[str]
COMPOSE = """services:
  web:
    environment:
      DATABASE_URL: postgres://u:s3cret@db:5432/shop
      CACHE_HOST: cache
  db: {{image: postgres, ports: ["{port}:5432"]}}
  cache: {{image: valkey/valkey}}
"""


@pytest.fixture
def compose(tmp_path: Path, service: str) -> Path:
    """A compose file whose database is what `service` is."""
    file = tmp_path / "docker-compose.yml"
    file.write_text(COMPOSE.format(port=service.rpartition(":")[2]))
    return file


@pytest.mark.joins("cli", "links")
def test_from_a_compose_file_to_a_link_that_leads_there(
    links: Callable[..., Ran], toxiproxy: str, compose: Path, service: str
) -> None:
    ran = links("add", "--from-compose", str(compose), "--tag", "mine")
    assert ran.returncode == 0, ran.stderr
    proxy = Client(toxiproxy).proxy("db")
    host, _, port = proxy.listen.rpartition(":")
    assert proxy.upstream == service
    socket.create_connection((host, int(port)), timeout=5).close()
    assert f"docker-compose.yml:4  DATABASE_URL (web): db:5432 -> host.docker.internal:{port}" in ran.stdout
    assert "Not linked: cache (called by web): this machine does not reach its port 6379" in ran.stdout
    assert "s3cret" not in ran.stdout + ran.stderr
    (listed,) = json.loads(links("list", "--json").stdout)
    assert (listed["tags"], listed["service"]) == (["database", "mine"], "db")


def test_a_second_time_it_is_there_already_and_is_put_back_on_a_server_that_forgot_it(
    links: Callable[..., Ran], toxiproxy: str, compose: Path
) -> None:
    assert links("add", "--from-compose", str(compose)).returncode == 0
    before = Client(toxiproxy).proxy("db")
    Client(toxiproxy).delete("db")
    ran = links("add", "--from-compose", str(compose))
    assert ran.returncode == 0 and ran.stdout.startswith("There already is db")
    assert Client(toxiproxy).proxy("db").listen == before.listen


def test_a_dry_run_touches_nothing_and_needs_no_server(
    links: Callable[..., Ran], tmp_path: Path, compose: Path
) -> None:
    more = {"TOXIPROXY_URL": "http://127.0.0.1:9", "URL": "redis://:s3cret@cache"}
    ran = links("add", "--from-compose", str(compose), "--dry-run", "--json", **more)
    said = json.loads(ran.stdout)
    assert ran.returncode == 0 and said["dry_run"] and [one["name"] for one in said["links"]] == ["db"]
    (change,) = said["changes"]
    assert (change["line"], change["before"], change["services"]) == (4, "db:5432", ["web"])
    assert [one["service"] for one in said["skipped"]] == ["cache"]
    ran = links("add", "--from-env", "URL", "--dry-run", **more)
    assert ran.stdout.startswith("Would add url: ") and "s3cret" not in ran.stdout
    assert not (tmp_path / "links.yaml").exists()


def test_only_the_services_that_are_chosen(links: Callable[..., Ran], compose: Path) -> None:
    ran = links("add", "--from-compose", str(compose), "--service", "cache")
    assert ran.returncode == 1 and "No link from" in ran.stderr and 'ports: ["127.0.0.1:6379:6379"]' in ran.stdout
    ran = links("add", "--from-compose", str(compose), "--service", "cach")
    assert ran.returncode == 2 and "did you mean cache?" in ran.stderr


def test_a_file_in_which_nobody_calls_anybody(links: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "c.yml").write_text("services: {a: {image: x}, b: {image: y, ports: ['8080:80']}}")
    ran = links("add", "--from-compose", "c.yml")
    assert ran.returncode == 1 and "--service NAME (a, b)" in ran.stderr
    ran = links("add", "--from-compose", "c.yml", "--service", "b")
    assert ran.returncode == 0 and "Point the clients of b at 127.0.0.1:" in ran.stdout


def test_several_hosts_are_several_links_and_limits_are_told(links: Callable[..., Ran], toxiproxy: str) -> None:
    ran = links("add", "--from-env", "X", X="mongodb://u:s3cret@127.0.0.1:1,127.0.0.1:2/x?replicaSet=r")
    assert ran.returncode == 0 and "Mind: a replica set" in ran.stdout and "s3cret" not in ran.stdout
    assert set(Client(toxiproxy).proxies()) == {"x-1", "x-2"}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("add",), "in one way"),
        (("add", "db"), "in one way"),
        (("add", "db", "-u", "h:1", "--from-env", "HOME"), "in one way"),
        (("add", "-u", "h:1"), "needs a name"),
        (("add", "--from-env", "NOT_SET"), "is not set here"),
        (("add", "a", "-u", "b"), "not an address"),
        (("add", "a", "-u", "h:1", "-l", "x"), "not an address"),
        (("add", "a", "-u", "127.0.0.1:7", "-l", "localhost:7"), "lead to itself"),
        (("add", "a", "-u", "h:1", "--service", "x", "--service", "y"), "one service"),
        (("add", "a", "-u", "h:1", "--host", "192.0.2.1"), "cannot listen on 192.0.2.1"),
        (("add", "a", "--from-compose", "x.yml"), "--service a"),
        (("add", "-l", "h:1", "--from-compose", "x.yml"), "leave --listen out"),
        (("add", "--from-compose", "x.yml"), "cannot read x.yml"),
        (("add", "--from-compose", "."), "is a folder"),
    ],
)
def test_half_a_question_is_refused(
    links: Callable[..., Ran], tmp_path: Path, words: tuple[str, ...], says: str
) -> None:
    ran = links(*words)
    assert ran.returncode == 2 and says in ran.stderr
    assert not (tmp_path / "links.yaml").exists()


def test_a_port_that_is_taken_is_told_and_nothing_is_left(
    links: Callable[..., Ran], toxiproxy: str, tmp_path: Path, service: str
) -> None:
    ran = links("add", "db", "--upstream", "127.0.0.1:9", "--listen", service)
    assert ran.returncode == 1 and "in use" in ran.stderr and service in ran.stderr
    assert not (tmp_path / "links.yaml").exists() and Client(toxiproxy).proxies() == {}


def test_a_link_to_a_link_is_refused(links: Callable[..., Ran], toxiproxy: str, service: str) -> None:
    assert links("add", "db", "--upstream", service).returncode == 0
    listen = Client(toxiproxy).proxy("db").listen
    ran = links("add", "again", "--upstream", listen)
    assert ran.returncode == 2 and "is the link db already" in ran.stderr
    ran = links("add", "twice", "--upstream", "127.0.0.1:9", "--listen", listen)
    assert ran.returncode == 2 and "db listens on" in ran.stderr
    ran = links("add", "db", "--upstream", "127.0.0.1:9")
    assert ran.returncode == 2 and "there is a link db already" in ran.stderr


def test_several_at_once_lose_no_link(links: Callable[..., Ran], toxiproxy: str, tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        ran = list(pool.map(lambda n: links("add", f"link-{n}", "--upstream", f"127.0.0.1:{n}"), range(1, 5)))
    assert [one.returncode for one in ran] == [0, 0, 0, 0], [one.stderr for one in ran]
    wanted = {f"link-{n}" for n in range(1, 5)}
    assert (
        {one["name"] for one in json.loads(links("list", "--json").stdout)}
        == set(Client(toxiproxy).proxies())
        == wanted
    )


def test_the_shell_offers_names_of_variables_and_no_value(chaos: Callable[..., Ran]) -> None:
    asked = {"_CHAOS_COMPLETE": "bash_complete", "COMP_WORDS": "chaos link add --from-env SHOP_", "COMP_CWORD": "4"}
    ran = chaos(**asked, SHOP_URL="redis://:s3cret@cache")
    assert "SHOP_URL" in ran.stdout and "s3cret" not in ran.stdout
    assert os.environ.get("SHOP_URL") is None
