"""`chaos link` on real servers: added, listed, checked, removed; nothing half done."""

import json
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chaoslib_ext.proxy.client import Client

Ran = subprocess.CompletedProcess[str]
URL = "postgres://u:s3cret@{}/shop"


@pytest.fixture
def service() -> Iterator[str]:
    """Something that listens."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def links(chaos: Callable[..., Ran], toxiproxy: str, tmp_path: Path) -> Callable[..., Ran]:
    """links("list") -> `chaos link list` on the server under test, in an empty folder."""
    (tmp_path / "state").mkdir()
    return lambda *words, **more: chaos(
        "link",
        *words,
        **{
            "TOXIPROXY_URL": toxiproxy,
            "CHAOS_STATE_DIR": str(tmp_path / "state"),
            "CHAOS_LINKS": str(tmp_path / "links.yaml"),
        }
        | more,
    )


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


@pytest.mark.parametrize("words", [("add",), ("add", "db"), ("add", "--from-env", "NOT_SET"), ("add", "a", "-u", "b")])
def test_half_a_question_is_refused(links: Callable[..., Ran], tmp_path: Path, words: tuple[str, ...]) -> None:
    assert links(*words).returncode == 2
    assert not (tmp_path / "links.yaml").exists()


def test_a_link_to_a_link_is_refused(links: Callable[..., Ran], toxiproxy: str, service: str) -> None:
    assert links("add", "db", "--upstream", service).returncode == 0
    ran = links("add", "again", "--upstream", Client(toxiproxy).proxy("db").listen)
    assert ran.returncode == 2 and "is the link db already" in ran.stderr
