"""`chaos live`: was it us?"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from chaoslib_ext.cli.live import live
from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.faults.inject import inject
from chaoslib_ext.faults.run import begin, end_current
from chaoslib_ext.faults.toxic import Toxic
from chaoslib_ext.proxy import freeze as shared
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.safety import freeze, policy_place

pytestmark = [pytest.mark.joins("cli", "faults"), pytest.mark.joins("cli", "safety")]


@pytest.fixture
def client(embedded: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """An empty server; a run named 7f3a01 has slowed its proxy `web`."""
    monkeypatch.setenv("TOXIPROXY_URL", embedded)
    client = Client(embedded)
    client.create("web", "127.0.0.1:1")
    begin(run_id="7f3a01", title="Why?")
    inject(Toxic(proxy="web", type="latency", attributes={"latency": 40}, duration="10m"))
    yield client
    end_current()


def call(*words: str) -> Result:
    return CliRunner().invoke(live, words)


def test_nothing_is_said_plainly() -> None:
    result = call()
    assert (result.exit_code, result.output) == (0, "Nothing is on.\n")
    assert json.loads(call("--json").output) == {
        "schema_version": 1,
        "faults": [],
        "frozen": None,
        "despite_freeze": [],
        "unreadable": [],
        "finished": [],
    }


def test_a_fault_with_its_times_and_their_zone(client: Client) -> None:
    result = call()
    assert result.exit_code == 0
    said = result.output
    assert f"latency on web ({client.url}): latency 40, jitter 0, downstream\n" in said
    zone = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (UTC|[+-]\d\d:\d\d)\n"
    assert re.search(rf"  since   {zone}  until   {zone}", said)
    assert re.search(r"  by      \S+@\S+, run 7f3a01 'Why\?', running \(process \d+\)\n", said)
    assert "  undo    chaos undo --run 7f3a01\n1 fault is on." in said


def test_json_says_the_same(client: Client) -> None:
    (one,) = json.loads(call("--json").output)["faults"]
    assert (one["run"], one["fault"], one["proxy"], one["alive"], one["seen"]) == (
        "7f3a01", "latency", "web", True, True
    )  # fmt: skip


def test_one_of_somebody_else_is_shown_as_such(client: Client) -> None:
    client.add_toxic("web", "noop", name="cx-beef01-noop")
    said = call().output
    assert "by      unknown, run beef01, of another machine, user or state folder" in said
    assert f"undo    curl -sS -X DELETE {client.url}/proxies/web/toxics/cx-beef01-noop" in said
    assert "since   unknown" in said and "2 faults are on." in said


def test_a_freeze_on_a_freeze_source_is_shown(embedded: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such a server need not be known here otherwise; one that does not answer counts as frozen."""
    site = tmp_path / "site.yaml"
    monkeypatch.setattr(policy_place, "SITE", site)
    site.write_text(f"freeze_sources: [{embedded!r}]")
    assert call().output == "Nothing is on.\n"
    shared.put(Client(embedded), shared.Words(since=SYSTEM.wall(), by="ann@ops", why="the sale"))
    assert f"No fault may go in: the server {embedded} is frozen" in call().output
    assert "the sale" in json.loads(call("--json").output)["frozen"]
    site.write_text("freeze_sources: ['http://127.0.0.1:1']")
    assert "must be asked of http://127.0.0.1:1" in call().output


def test_one_made_by_hand_is_shown_as_such(embedded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOXIPROXY_URL", embedded)
    Client(embedded).create("web", "127.0.0.1:1")
    Client(embedded).add_toxic("web", "latency", attributes={"latency": 9})
    said = call().output
    assert "until   somebody takes it out" in said and "by      unknown, of no run that is known here" in said
    assert f"undo    chaos proxy toxic remove web -n latency_downstream --url {embedded}" in said
    assert "1 fault is on. No run of yours made it" in said


def test_one_that_is_gone_from_its_server_is_still_shown(client: Client) -> None:
    client.reset()
    assert "but     the server does not show it any more" in call().output


def test_a_freeze_is_told_too(client: Client) -> None:
    freeze.put("checkout is down", "ann@desk")
    assert "No fault may go in: everything is frozen" in call().output
    assert "ann@desk: checkout is down" in json.loads(call("--json").output)["frozen"]


def test_so_is_one_on_a_server_that_is_known(client: Client) -> None:
    shared.put(client, shared.Words(since=SYSTEM.wall(), by="ben@far", why="the audit is on"))
    assert f"No fault may go in: the server {client.url} is frozen" in call().output
    assert "ben@far: the audit is on" in json.loads(call("--json").output)["frozen"]


def test_what_cannot_be_asked_is_told_and_nothing_is_not_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOXIPROXY_URL", "http://127.0.0.1:1")
    result = call()
    assert result.exit_code == 0
    assert "Nothing is on, as far as can be told." in result.stdout and "http://127.0.0.1:1" in result.stderr
