import json

import pytest
from click.testing import CliRunner

from chaoslib_ext.cli.lab import lab
from chaoslib_ext.errors import LabError
from chaoslib_ext.lab import binaries
from chaoslib_ext.lab.layout import WEAKNESSES

COMMANDS = ["up", "down", "status", "reset", "purge", "harden", "soften"]


def run(*args: str):
    return CliRunner().invoke(lab, args)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_helps_with_an_example_and_speaks_json(command: str) -> None:
    told = run(command, "--help").output
    assert f"Example:  chaos lab {command}" in told
    assert "--json" in told


def test_that_no_lab_is_up_is_said_in_words_in_json_and_by_the_exit_code() -> None:
    in_words, in_json = run("status"), run("status", "--json")
    assert (in_words.exit_code, "chaos lab up" in in_words.output) == (1, True)
    assert (in_json.exit_code, json.loads(in_json.output)["state"]) == (1, "down")


def test_down_and_purge_without_a_lab_are_no_errors() -> None:
    assert json.loads(run("down", "--json").output) == {"state": "down", "was_up": False}
    assert run("purge").exit_code == 0


def test_a_whole_lab_is_shown_used_and_taken_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAOS_LAB_PORTS", "free")
    try:
        up = run("up", "--json")
        assert up.exit_code == 0, up.output
        assert json.loads(up.stdout)["state"] == "up"
        assert "postgres" in up.stderr, "progress goes where it does not spoil the JSON"
        shown = run("status")
        assert (shown.exit_code, "checkout-payment" in shown.output) == (0, True)
        assert json.loads(run("harden", "--all", "--json").output) == {"hardened": sorted(WEAKNESSES), "soft": []}
        softened = run("soften", "payment-timeout").output.splitlines()
        assert len(softened) == 1 and "soft: checkout waits" in softened[0], "only what was named is told"
        assert "no toxics" in run("reset").output
    finally:
        down = run("down")
    assert "no process and no file of it is left" in down.output


def test_harden_without_a_name_lists_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = run("harden")
    assert listed.exit_code == 0
    assert "payment-timeout" in listed.output


def test_a_wrong_name_is_the_persons_mistake() -> None:
    wrong = run("harden", "payment-timeuot")
    assert wrong.exit_code == 2
    assert "did you mean payment-timeout?" in wrong.output
    assert run("harden", "payment-timeout", "--all").exit_code == 2


def test_without_the_extra_packages_the_command_to_type_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise LabError(f"the lab needs psycopg; {binaries.INSTALL}")

    monkeypatch.setattr(binaries, "need_packages", missing)
    up = run("up")
    assert up.exit_code == 1
    assert "pip install 'chaostoolkit-ext[lab]'" in up.output
    assert run("status").exit_code == 1


@pytest.mark.parametrize("command", ["harden", "soften"])
def test_the_shell_completes_weaknesses_without_a_lab(command: str) -> None:
    from click.shell_completion import ShellComplete

    def offered(*typed: str) -> list[str]:
        return [it.value for it in ShellComplete(lab, {}, "lab", "_").get_completions([command, *typed], "p")]

    assert offered() == [name for name in WEAKNESSES if name.startswith("p")]
    assert "payment-timeout" in offered() and "payment-timeout" not in offered("payment-timeout")


def test_ctrl_c_says_what_it_left(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(starter: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("chaoslib_ext.lab.up.make_whole", stopped)
    monkeypatch.setattr(binaries, "need_packages", lambda: None)
    up = run("up")
    assert (up.exit_code, up.stderr) == (130, "Stopped; nothing is left.\n")
    monkeypatch.setattr("chaoslib_ext.lab.up.clean", lambda folder, keep_logs=False: False)
    monkeypatch.setattr("chaoslib_ext.lab.status.read", broken)
    assert run("up").stderr == "Stopped; the lab is broken.\n"


def broken(folder: object) -> None:
    raise LabError("unreadable")
