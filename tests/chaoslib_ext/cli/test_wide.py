"""Proxies of a file that others in the network can reach are named."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from chaoslib_ext.cli._wide import warn_of_wide
from chaoslib_ext.cli.link_add import add
from chaoslib_ext.cli.link_check import check
from chaoslib_ext.cli.proxy import create
from chaoslib_ext.proxy.client import Client


@pytest.mark.parametrize(
    "listen", ["127.0.0.1:80", "127.1.2.3:0", "[::1]:80", "localhost:80", "[::ffff:127.0.0.1]:1", "no-such.invalid:1"]
)
def test_loopback_is_silent(listen: str, capsys: pytest.CaptureFixture[str]) -> None:
    warn_of_wide([("web", listen)])
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    "listen", ["0.0.0.0:80", "[::]:80", ":80", "192.0.2.7:80", "[::ffff:0.0.0.0]:1", "[fe80::1%lo]:1"]
)
def test_wider_is_named_in_one_line(listen: str, capsys: pytest.CaptureFixture[str]) -> None:
    warn_of_wide([("api", "127.0.0.1:1"), ("web", listen), ("db", listen)])
    said = capsys.readouterr().err
    assert f"can reach web ({listen}), db ({listen})," in said and "api" not in said and said.count("\n") == 1


@pytest.mark.joins("cli", "proxy")
def test_whatever_makes_a_proxy_on_a_wide_address_names_it(
    embedded: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOXIPROXY_URL", embedded)
    monkeypatch.setenv("CHAOS_LINKS", str(tmp_path / "links.yaml"))
    for command, words in ((create, ["web", "--listen", "0.0.0.0:0"]), (add, ["api", "--host", "0.0.0.0"])):
        done = CliRunner().invoke(command, [*words, "-u", "127.0.0.1:1"])
        assert done.exit_code == 0 and f"can reach {words[0]} (0.0.0.0:" in done.stderr, done.output
    Client(embedded).delete("api")
    assert "can reach api (0.0.0.0:" in CliRunner().invoke(check, ["--create"]).stderr
    assert "can reach" not in CliRunner().invoke(create, ["mine", "-u", "127.0.0.1:1"]).stderr
