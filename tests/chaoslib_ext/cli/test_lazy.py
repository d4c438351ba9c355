"""A command that cannot be loaded says what is missing and what to do, without a traceback."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from chaoslib_ext.cli._lazy import LazyCommand


@pytest.fixture
def host() -> click.Group:
    return click.Group("chaos")


def test_help_of_the_host_imports_nothing(host: click.Group) -> None:
    host.add_command(LazyCommand("drip", "no.such.module", "drip", "Drips."))
    shown = CliRunner().invoke(host, ["--help"])
    assert "drip  Drips." in shown.output


def test_a_command_that_was_not_built_says_so(host: click.Group) -> None:
    host.add_command(LazyCommand("drip", "chaoslib_ext.cli.drip", "drip", "Drips."))
    shown = CliRunner().invoke(host, ["drip"])
    assert shown.exit_code == 1
    assert "this build of chaostoolkit-ext has no chaoslib_ext.cli.drip" in shown.output


def test_a_missing_extra_is_named(host: click.Group, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "needs_more.py").write_text("import a_module_nobody_has\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    host.add_command(LazyCommand("drip", "needs_more", "drip", "Drips."))
    shown = CliRunner().invoke(host, ["drip"])
    assert shown.exit_code == 1
    assert "'a_module_nobody_has' is not installed; pip install 'chaostoolkit-ext[all]'" in shown.output


def test_the_real_command_takes_over_with_its_options(
    host: click.Group, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ["import click", "@click.command()", "@click.option('--speed')", "def drip(speed): click.echo(speed)"]
    (tmp_path / "drips.py").write_text("\n".join(lines))
    monkeypatch.syspath_prepend(str(tmp_path))
    host.add_command(LazyCommand("drip", "drips", "drip", "Drips."))
    assert CliRunner().invoke(host, ["drip", "--speed", "3"]).output == "3\n"
    assert "--speed" in CliRunner().invoke(host, ["drip", "--help"]).output


def test_a_command_that_cannot_be_loaded_completes_to_nothing() -> None:
    lazy = LazyCommand("drip", "chaoslib_ext.cli.drip", "drip", "Drips.")
    assert lazy.make_context("drip", ["--fas"], resilient_parsing=True).params == {}
