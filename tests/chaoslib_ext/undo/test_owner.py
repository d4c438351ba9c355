"""Ownership: this very process, not one that got its pid."""

import os
import platform
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from chaoslib_ext.undo.owner import Owner, machine, person, started_at


def test_the_calling_process_is_alive() -> None:
    assert Owner.this().is_alive()


def test_another_process_with_the_same_pid_is_not_the_owner() -> None:
    assert not replace(Owner.this(), create_time=Owner.this().create_time - 1).is_alive()


def test_a_process_of_an_earlier_boot_is_dead() -> None:
    assert not replace(Owner.this(), boot_id="another-boot").is_alive()


def test_a_killed_process_is_dead_even_while_nobody_has_reaped_it() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    owner = Owner(child.pid, started_at(child.pid) or 0, Owner.this().boot_id)
    assert owner.is_alive()
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # dead, a zombie
    assert not owner.is_alive()
    child.wait()
    assert not owner.is_alive()


def test_a_stopped_process_lives_but_does_not_go_on() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    owner = Owner(child.pid, started_at(child.pid) or 0, Owner.this().boot_id)
    assert owner.goes_on()
    child.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, child.pid, os.WSTOPPED | os.WNOWAIT)
    assert owner.is_alive() and not owner.goes_on()
    child.kill()
    child.wait()
    assert not owner.goes_on()


def test_a_person_is_named_with_the_machine() -> None:
    name, _, host = person().partition("@")
    assert name and host == platform.node()


def test_a_user_without_a_name_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 54321)
    assert person().startswith("54321@")


def test_the_machine_is_told_from_others_without_telling_its_id() -> None:
    assert machine() == machine() and len(machine()) in (0, 16)
    for file in (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id")):
        assert not file.exists() or machine() not in file.read_text()
