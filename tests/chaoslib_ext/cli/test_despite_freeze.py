"""A freeze stops the hand: what adds or disables is refused and touches nothing; `--despite-freeze` insists."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from chaoslib_ext.cli.freeze import freeze, thaw
from chaoslib_ext.cli.live import live
from chaoslib_ext.cli.proxy import proxy
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.safety import policy_place

pytestmark = pytest.mark.joins("cli", "safety", "proxy")

ADDS_OR_DISABLES = {
    "toxic add": "toxic add web -t latency -a latency=50",
    "toxic add noop": "toxic add web -t noop",
    "toxic update": "toxic update web -n slow -a latency=9",
    "toxic update toxicity": "toxic update web -n slow --toxicity 0.5",
    "toggle": "toggle web",
    "create disabled": "create more -u 127.0.0.1:1 --disabled",
    "create with toxic": "create more -u 127.0.0.1:1 --toxic latency:latency=5",
    "populate": "populate proxies.json",
}
ENABLES_OR_REMOVES = {
    "toggle": "toggle off",
    "toxic remove": "toxic remove web -n slow",
    "reset": "reset --yes",
    "delete": "delete web",
    "list": "list",
    "show": "show web",
    "create": "create more -u 127.0.0.1:1",
}


@pytest.fixture
def client(toxiproxy: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Client:
    """A server with a proxy that has a toxic, and one that is disabled."""
    monkeypatch.setenv("TOXIPROXY_URL", toxiproxy)
    monkeypatch.chdir(tmp_path)
    Path("proxies.json").write_text('[{"name": "web", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:2"}]')
    client = Client(toxiproxy)
    client.create("web", "127.0.0.1:1")
    client.add_toxic("web", "latency", name="slow", attributes={"latency": 5})
    client.create("off", "127.0.0.1:1", enabled=False)
    return client


def unreadable(client: Client) -> None:
    state = Path("state")
    state.mkdir(exist_ok=True)
    (state / "freeze.json").write_text("?")


def of_a_newer_version(client: Client) -> None:
    unreadable(client)
    Path("state/freeze.json").write_text('{"schema_version": 2}')


def of_the_host(client: Client) -> None:
    assert CliRunner().invoke(freeze, ["--why", "incident"]).exit_code == 0


def of_the_server(client: Client) -> None:
    assert CliRunner().invoke(freeze, ["--why", "incident", "--scope", client.url]).exit_code == 0


def of_a_source(client: Client) -> None:
    Path("site.yaml").write_text("freeze_sources: ['http://127.0.0.1:1']\n")


FREEZES = [of_the_host, of_the_server, unreadable, of_a_newer_version, of_a_source]


@pytest.fixture(params=FREEZES, ids=lambda one: one.__name__)
def frozen(request: pytest.FixtureRequest, client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Frozen, in one of the ways there are."""
    monkeypatch.setattr(policy_place, "SITE", Path("site.yaml"))
    monkeypatch.setattr(policy_place, "SETTINGS", Path("none.yaml"))
    request.param(client)
    return client


def typed(words: str, *more: str) -> Result:
    return CliRunner().invoke(proxy, [*words.split(), *more])


@pytest.mark.parametrize("words", ADDS_OR_DISABLES.values(), ids=ADDS_OR_DISABLES.keys())
def test_what_adds_or_disables_is_refused_under_every_freeze_and_touches_nothing(frozen: Client, words: str) -> None:
    before = frozen.proxies()
    result = typed(words)
    assert result.exit_code == 1 and "is refused: " in result.stderr and "Nothing was touched" in result.stderr
    assert "--despite-freeze" in result.stderr and len(result.stderr.splitlines()) == 1
    assert frozen.proxies() == before


@pytest.mark.parametrize("words", ENABLES_OR_REMOVES.values(), ids=ENABLES_OR_REMOVES.keys())
def test_what_enables_or_removes_works_under_every_freeze(frozen: Client, words: str) -> None:
    result = typed(words)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("words", ADDS_OR_DISABLES.values(), ids=ADDS_OR_DISABLES.keys())
def test_who_insists_is_obeyed_and_live_and_thaw_say_so(client: Client, words: str) -> None:
    of_the_host(client)
    result = typed(words, "--despite-freeze")
    assert result.exit_code == 0 and "Despite the freeze, and noted: " in result.stderr, result.output
    said = CliRunner().invoke(live, ["--only-look"]).output
    assert "Despite the freeze: " in said and f" on {client.url}" in said
    (noted,) = json.loads(CliRunner().invoke(live, ["--only-look", "--json"]).output)["despite_freeze"]
    assert noted["server"] == client.url and "incident" in noted["freeze"] and noted["by"]
    assert f"Despite it: {noted['time'][:4]}" in CliRunner().invoke(thaw).output
    assert "Despite" not in CliRunner().invoke(live, ["--only-look"]).output


def test_of_an_earlier_freeze_nothing_is_told(client: Client) -> None:
    of_the_host(client)
    typed("toggle web", "--despite-freeze")
    CliRunner().invoke(thaw)
    of_the_server(client)
    assert "Despite" not in CliRunner().invoke(live, ["--only-look"]).output
    typed("toxic update web -n slow -a latency=9", "--despite-freeze")
    assert CliRunner().invoke(live, ["--only-look"]).output.count("Despite the freeze: ") == 1
    told = json.loads(CliRunner().invoke(thaw, ["--scope", client.url, "--json"]).output)
    assert [one["what"] for one in told["despite_freeze"]] == ["changing the toxic slow on web"]


def test_what_cannot_be_noted_is_not_done(client: Client) -> None:
    of_the_host(client)
    Path("state/despite-freeze.jsonl").mkdir()
    result = typed("toggle web", "--despite-freeze")
    assert result.exit_code == 2 and "cannot be noted" in result.stderr and client.proxy("web").enabled


def test_without_a_freeze_it_changes_and_notes_nothing(client: Client) -> None:
    assert typed("toggle web", "--despite-freeze").exit_code == 0 and not client.proxy("web").enabled
    assert not Path("state/despite-freeze.jsonl").exists()


@pytest.mark.parametrize(
    "entry", ['"toxics": [{"type": "latency", "attributes": {"latency": 9}}]', '"enabled": false'], ids=["toxic", "off"]
)
def test_a_server_is_not_started_with_faults_in_its_config(
    chaos: Callable[..., object], client: Client, entry: str
) -> None:
    of_the_host(client)
    Path("faults.json").write_text(f'[{{"name": "a", "upstream": "127.0.0.1:1", {entry}}}]')
    ran = chaos("proxy", "serve", "--port", "0", "--config", "faults.json")
    assert ran.returncode == 1 and "serving faults.json, which has toxics or disabled proxies," in ran.stderr  # type: ignore[attr-defined]
