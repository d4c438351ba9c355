"""`chaos proxy populate`: files in, proxies there."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from chaoslib_ext.proxy.client import Client

NOWHERE = "127.0.0.1:9"
Ran = subprocess.CompletedProcess[str]


@pytest.mark.parametrize("form", ["proxies.json", "proxies.yaml"])
def test_populate_takes_what_list_gives(chaos: Callable[..., Ran], embedded: str, tmp_path: Path, form: str) -> None:
    client = Client(embedded)
    client.create("web", NOWHERE, toxics=[{"type": "latency", "attributes": {"latency": 5}}])
    (tmp_path / form).write_text(chaos("proxy", "list", "--json", "--url", embedded).stdout)
    client.delete("web")
    ran = chaos("proxy", "populate", form, "--url", embedded)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert client.proxy("web").toxics[0].attributes["latency"] == 5


def test_a_proxy_without_listen_opens_on_this_machine_only(
    chaos: Callable[..., Ran], toxiproxy: str, tmp_path: Path
) -> None:
    (tmp_path / "p.yaml").write_text(f"- {{Name: web, upstream: '{NOWHERE}', Logger: {{}}}}")
    ran = chaos("proxy", "populate", "p.yaml", "--url", toxiproxy)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert Client(toxiproxy).proxy("web").listen.startswith("127.0.0.1:")


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"name": "web", "upstream": NOWHERE, "listn": "x:1"}, "a proxy has no listn; did you mean listen? (known: "),
        ({"name": "w", "upstream": NOWHERE, "toxics": [{"type": "noop", "tpye": 1}]}, "a toxic has no tpye; did you"),
    ],
)
def test_a_key_that_nothing_would_come_of_is_refused(
    chaos: Callable[..., Ran], embedded: str, tmp_path: Path, entry: dict[str, object], says: str
) -> None:
    (tmp_path / "p.json").write_text(json.dumps([entry]))
    ran = chaos("proxy", "populate", "p.json", "--url", embedded)
    assert ran.returncode == 2 and says in ran.stderr
    assert Client(embedded).proxies() == {}


def test_two_proxies_of_one_name_are_refused(chaos: Callable[..., Ran], embedded: str, tmp_path: Path) -> None:
    entry = {"name": "web", "upstream": NOWHERE}
    (tmp_path / "p.json").write_text(json.dumps([entry, {**entry, "upstream": "127.0.0.1:10"}]))
    ran = chaos("proxy", "populate", "p.json", "--url", embedded)
    assert ran.returncode == 2 and 'two proxies are named "web"' in ran.stderr
    assert Client(embedded).proxies() == {}


@pytest.mark.go
def test_a_server_that_drops_toxics_and_seeds_is_named(chaos: Callable[..., Ran], go_url: str, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(json.dumps([{"name": "w", "upstream": NOWHERE, "toxics": [{"type": "noop"}]}]))
    try:
        ran = chaos("proxy", "populate", "p.json", "--url", go_url)
        assert "Without their toxics: w." in ran.stderr
        ran = chaos("proxy", "toxic", "add", "w", "-t", "noop", "--seed", "7", "--url", go_url)
        assert "takes no seed" in ran.stderr
    finally:
        Client(go_url).delete("w")
