"""`chaos undo`: what is open, and gone."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from chaoslib_ext.cli.undo import undo
from chaoslib_ext.errors import ProxyFailed
from chaoslib_ext.faults.inject import inject
from chaoslib_ext.faults.run import begin, current, end_current
from chaoslib_ext.faults.toxic import Toxic
from chaoslib_ext.proxy import undo as proxy_undo
from chaoslib_ext.proxy.client import Client

pytestmark = pytest.mark.joins("cli", "faults", "undo")


@pytest.fixture
def client(embedded: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """An empty server; a run named 7f3a01 has put a noop on its proxy `web`."""
    monkeypatch.setenv("TOXIPROXY_URL", embedded)
    client = Client(embedded)
    client.create("web", "127.0.0.1:1")
    begin(run_id="7f3a01", title="Why?")
    inject(Toxic(proxy="web", type="noop"))
    yield client
    end_current()


def call(*words: str) -> Result:
    return CliRunner().invoke(undo, words)


def test_nothing_to_undo_is_said_and_is_no_error() -> None:
    for words in ([], ["--all"]):
        result = call(*words)
        assert result.exit_code == 0 and "Nothing to undo" in result.output


def test_without_options_it_only_lists(client: Client) -> None:
    result = call()
    assert result.exit_code == 0
    assert "Run 7f3a01 'Why?', still running" in result.output
    assert re.search(r", started \d{4}-\d\d-\d\d \d\d:\d\d:\d\d (UTC|[+-]\d\d:\d\d)\n", result.output)
    assert f"would remove toxic cx-7f3a01-noop from web on {client.url}" in result.output
    assert "Nothing was touched" in result.output
    assert client.toxics("web")


@pytest.mark.parametrize("words", [["--all"], ["--run", "7f3a"]])
def test_it_undoes_and_reads_back(client: Client, words: list[str]) -> None:
    result = call(*words)
    assert result.exit_code == 0
    assert "✓ undone, read back: remove toxic cx-7f3a01-noop" in result.output
    assert not client.toxics("web")


def test_json_says_the_same(client: Client) -> None:
    listed = json.loads(call("--json").output)
    assert listed["undone"] is False
    assert listed["runs"][0]["run"] == "7f3a01" and listed["runs"][0]["alive"] is True
    done = json.loads(call("--all", "--json").output)
    assert done["undone"] is True and done["runs"][0]["clean"] is True
    assert done["runs"][0]["results"][0]["verified"] is True
    assert json.loads(call("--json").output)["runs"] == []


def test_what_resists_is_told_with_the_command_and_exit_code_6(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: Any) -> None:
        raise ProxyFailed("the server is on fire")

    with monkeypatch.context() as resisting:
        resisting.setattr(proxy_undo.Client, "remove_toxic", refuses)
        result = call("--all")
    assert result.exit_code == 6
    assert "✗ failed" in result.output and "the server is on fire" in result.output
    assert f"type: curl -sS -X DELETE {client.url}/proxies/web/toxics/cx-7f3a01-noop" in result.output
    assert current().undo_all()[0].status == "undone"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--all", "--run", "x"], "exclude each other"),
        (["--all", "--run", ""], "exclude each other"),
        (["--run", ""], "give an id"),
        (["--run", "zzz"], "no run zzz"),
    ],
)
def test_wrong_use_is_exit_code_2(words: list[str], says: str) -> None:
    result = call(*words)
    assert result.exit_code == 2 and says in result.output


def test_help_has_an_example() -> None:
    assert "chaos undo --run 7f3a" in call("--help").output


def test_a_unit_is_printed_installed_and_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    printed = call("--print")
    assert printed.exit_code == 0 and "[Service]" in printed.stdout and not list(tmp_path.glob("systemd/**/*.service"))
    installed = call("--install-service")
    assert installed.exit_code == 0 and "chaos-undo.service" in installed.stdout
    assert "linger" in installed.stdout, "it is said whether it runs at boot"
    assert call("--uninstall-service").stdout.startswith("Removed ")
    assert call("--uninstall-service").stdout == "There was no such unit of yours.\n"


@pytest.mark.parametrize("more", ["--all", "--json", "--run=7f3a", "--uninstall-service", "--print"])
def test_a_unit_and_nothing_else_with_it(more: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for words in (["--install-service", more], [more, "--install-service"]):
        assert call(*words).exit_code == 2
        assert not list(tmp_path.iterdir()), "nothing was installed"
