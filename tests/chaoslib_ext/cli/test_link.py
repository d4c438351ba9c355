"""`chaos link` on real servers: added, listed, checked, removed; nothing half done."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from chaoslib_ext.proxy.client import Client

pytestmark = pytest.mark.usefixtures("link_ports")

Ran = subprocess.CompletedProcess[str]
URL = "postgres://u:s3cret@{}/shop"


@pytest.mark.joins("cli", "links")
def test_from_a_variable_to_a_link_and_away_again(
    links: Callable[..., Ran], toxiproxy: str, tmp_path: Path, service: str
) -> None:
    url = URL.format(service)
    ran = links("add", "--from-env", "DATABASE_URL", "--tag", "database", DATABASE_URL=url)
    assert (ran.returncode, ran.stderr) == (0, "")
    proxy = Client(toxiproxy).proxy("database")
    assert f'export DATABASE_URL="${{DATABASE_URL/{service}/{proxy.listen}}}"' in ran.stdout
    assert "s3cret" not in ran.stdout + (tmp_path / "links.yaml").read_text()
    listed = json.loads(links("list", "--json").stdout)
    assert [(one["name"], one["tags"], one["state"]) for one in listed] == [("database", ["database"], "on the server")]
    Client(toxiproxy).delete("database")
    checked = links("check")
    assert checked.returncode == 1 and "chaos link check --create" in checked.stdout
    assert links("remove", "databse").returncode == 2
    ran = links("remove", "database")
    assert ran.returncode == 0 and "the server had none" in ran.stdout
    assert json.loads(links("list", "--json").stdout) == []


def test_without_a_server_the_file_is_not_touched(links: Callable[..., Ran], tmp_path: Path) -> None:
    ran = links("add", "db", "--upstream", "127.0.0.1:9", TOXIPROXY_URL="http://127.0.0.1:9")
    assert ran.returncode == 1 and "chaos proxy serve" in ran.stderr
    assert not (tmp_path / "links.yaml").exists()


@pytest.mark.parametrize("listen", ["nonsense", "127.0.0.1:81"])
def test_a_wrong_listen_is_the_options_fault_and_not_the_files(
    links: Callable[..., Ran], tmp_path: Path, listen: str
) -> None:
    ran = links("add", "db", "--upstream", "localhost:81", "--listen", listen)
    assert ran.returncode == 2 and "--listen" in ran.stderr and "links.yaml" not in ran.stderr
    assert not (tmp_path / "links.yaml").exists()


def test_a_folder_is_no_links_file(links: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "links.yaml").mkdir()
    ran = links("list")
    assert ran.returncode == 2 and "Is a directory" in ran.stderr


def test_the_file_is_listed_without_a_server_too(links: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "links.yaml").write_text(
        "schema_version: 1\nlinks: [{name: db, listen: '127.0.0.1:1', upstream: 'h:2'}]"
    )
    ran = links("list", "--json", TOXIPROXY_URL="http://127.0.0.1:9")
    assert ran.returncode == 0 and "127.0.0.1:9" in ran.stderr
    assert json.loads(ran.stdout) == [{"name": "db", "listen": "127.0.0.1:1", "upstream": "h:2", "state": "no server"}]


@pytest.mark.parametrize("words", [("list",), ("check",), ("remove", "db"), ("add", "x", "-u", "h:1")])
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("links: [", "line 1, column 9"),
        ("schema_version: 2\nlinks: []\n", "line 1: schema_version must be 1, but is '2'; a newer"),
        ("schema_version: 1\nlinks:\n- {name: a, listen: 'h:1', upstream: 'h:1'}\n", "line 3: a: it leads to itself"),
    ],
)
def test_a_broken_file_is_told_with_its_place_and_left_as_it_is(
    links: Callable[..., Ran], tmp_path: Path, text: str, says: str, words: tuple[str, ...]
) -> None:
    (tmp_path / "links.yaml").write_text(text)
    ran = links(*words)
    assert ran.returncode == 2 and says in ran.stderr and "Traceback" not in ran.stderr
    assert (tmp_path / "links.yaml").read_text() == text
