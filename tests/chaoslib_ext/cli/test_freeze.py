"""`chaos freeze` and `chaos thaw`: what is typed, what is said, what it ends with."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from chaoslib_ext.cli.freeze import freeze, thaw
from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.errors import GuardRefused
from chaoslib_ext.faults.inject import inject
from chaoslib_ext.faults.run import begin, end_current
from chaoslib_ext.faults.toxic import Toxic
from chaoslib_ext.proxy import undo as proxy_undo
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.safety import freeze as ice

pytestmark = pytest.mark.joins("cli", "safety", "undo")

NOOP = Toxic(proxy="web", type="noop")


@pytest.fixture
def client(embedded: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """An empty server; a run of this very process has put a noop on its proxy `web`."""
    monkeypatch.setenv("TOXIPROXY_URL", embedded)
    client = Client(embedded)
    client.create("web", "127.0.0.1:1")
    begin(run_id="7f3a01", title="Why?")
    inject(NOOP)
    yield client
    end_current()


def call(*words: str) -> Result:
    return CliRunner().invoke(freeze, words)


def test_it_freezes_stops_and_undoes_and_thaw_lets_in_again(client: Client) -> None:
    result = call("--why", "checkout is\n down")
    assert result.exit_code == 0, result.output
    assert result.output.startswith("Frozen since 20") and ": checkout is down\n" in result.output
    assert "Still running: run 7f3a01 'Why?', process" in result.output  # a process does not end itself
    assert f"✓ undone, read back: remove toxic cx-7f3a01-noop from web on {client.url}" in result.output
    assert "Nothing of it is left" in result.output and not client.toxics("web")
    with pytest.raises(GuardRefused, match=r"checkout is down; to allow faults again: chaos thaw"):
        inject(NOOP)
    assert not client.toxics("web")
    thawed = CliRunner().invoke(thaw)
    assert thawed.exit_code == 0 and thawed.output.startswith("Thawed. It was frozen since")
    inject(NOOP)
    assert client.toxics("web")


def test_nothing_runs() -> None:
    result = call("--why", "x")
    assert result.exit_code == 0 and "No run was under way." in result.output


def test_twice_says_what_was_there_before() -> None:
    call("--why", "one")
    again = call("--why", "two")
    assert again.exit_code == 0 and "It was frozen before: since" in again.output and ": one\n" in again.output


def test_thaw_without_a_freeze_is_no_error() -> None:
    for words in ([], ["--json"]):
        result = CliRunner().invoke(thaw, words)
        assert result.exit_code == 0
    assert json.loads(result.output) == {
        "schema_version": 1,
        "scope": "host",
        "was_frozen": False,
        "freeze": None,
        "despite_freeze": [],
    }


def test_thaw_removes_one_that_cannot_be_read(own_folders: Path) -> None:
    (own_folders / "state").mkdir()
    (own_folders / "state" / "freeze.json").write_text("?")
    assert "could not be read" in CliRunner().invoke(thaw).output
    assert ice.refusal() is None


def test_json_says_the_same(client: Client) -> None:
    said = json.loads(call("--why", "x", "--json").output)
    assert said["freeze"]["why"] == "x" and said["problem"] is None
    (one,) = said["stopped"]
    assert one["run"] == "7f3a01" and one["clean"] and one["results"][0]["verified"]


@pytest.mark.parametrize(
    "words", [[], ["--why", " "], ["--why", "x", "--until", "soon"], ["--why", "x", "--until", "2020-01-01"]]
)
def test_what_makes_no_sense_is_refused_and_nothing_is_frozen(words: list[str]) -> None:
    assert call(*words).exit_code == 2
    assert ice.refusal() is None


@pytest.mark.parametrize("text", ["in an hour", "a time of day"])
def test_it_may_end_by_itself(text: str) -> None:
    now = SYSTEM.wall().astimezone()
    until = (now + timedelta(hours=1)).isoformat() if text == "in an hour" else f"{now:%H:%M}"
    said = json.loads(call("--why", "x", "--until", until, "--json").output)
    end = datetime.fromisoformat(said["freeze"]["until"])
    assert timedelta(minutes=59) < end - now <= timedelta(days=1)


def test_what_resists_ends_with_6_and_the_command(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxy_undo.RemoveToxic, "_is_clear", lambda *_: False)
    result = call("--why", "x")
    assert result.exit_code == 6 and "✗ failed" in result.output and "type: curl" in result.output


def test_a_state_folder_that_takes_nothing_still_stops_what_runs(
    client: Client, monkeypatch: pytest.MonkeyPatch, own_folders: Path
) -> None:
    (own_folders / "state" / "freeze.json").mkdir()
    (own_folders / "state" / "freeze.json" / "x").touch()  # rename(2) cannot replace a folder
    result = call("--why", "x")
    assert result.exit_code == 1 and "cannot be written" in result.stderr
    assert not client.toxics("web")


def test_a_servers_freeze_stops_what_is_on_it_and_lets_nothing_in(client: Client) -> None:
    result = call("--why", "sale", "--scope", client.url)
    assert result.exit_code == 0, result.output
    assert f"Frozen on {client.url}" in result.output and f"chaos thaw --scope {client.url}" in result.output
    assert not client.toxics("web"), "what was on it is undone"
    with pytest.raises(GuardRefused, match="sale"):
        inject(NOOP)
    assert ice.refusal() is None, "this host is not frozen"
    assert CliRunner().invoke(thaw, ["--scope", client.url]).output.startswith("Thawed.")
    inject(NOOP)


def test_a_servers_freeze_that_lasts_is_not_shortened(client: Client) -> None:
    call("--why", "sale", "--scope", client.url)
    result = call("--why", "me too", "--scope", client.url, "--until", "2036-12-24", "--json")
    assert json.loads(result.output)["freeze"]["until"] is None


@pytest.mark.parametrize("scope", ["host", "server"])
def test_a_reason_in_bytes_that_are_no_utf_8_freezes_as_well(client: Client, scope: str) -> None:
    result = call("--why", "St\udcf6rung", "--scope", client.url if scope == "server" else "host")
    assert result.exit_code == 0 and "St?rung" in result.output, result.output


def test_a_server_that_cannot_be_reached_is_not_frozen_and_it_is_said() -> None:
    result = call("--why", "sale", "--scope", "http://127.0.0.1:1")
    assert result.exit_code == 1 and "nothing listens" in result.output


@pytest.mark.parametrize("scope", ["", "hosts", "ftp://x"])
def test_a_scope_that_is_none(scope: str) -> None:
    assert call("--why", "sale", "--scope", scope).exit_code == 2
