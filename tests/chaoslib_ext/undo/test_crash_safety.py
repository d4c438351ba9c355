"""Would the watchdog outlive the run? Told from files of a system made up here, and of this one."""

import os
from pathlib import Path

import pytest

from chaoslib_ext.undo import crash_safety as module
from chaoslib_ext.undo.crash_safety import crash_safety


class System:
    """The files that are looked at."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("proc/1/comm", "systemd")
        self.write("proc/self/cgroup", "0::/user.slice/user-1000.slice/session-3.scope")
        self.parents(os.getpid(), 77, 1)

    def write(self, name: str, text: str) -> None:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def parents(self, *chain: int) -> None:
        for pid, parent in zip(chain, [*chain[1:], 0], strict=True):
            self.write(f"proc/{pid}/stat", f"{pid} (a (b) c) S {parent} 1 1")

    @property
    def why(self) -> str:
        found = crash_safety(self.root)
        assert found.is_safe is not bool(found.why)
        return "; ".join(found.why)


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> System:
    monkeypatch.setattr(module, "_kill_mode", lambda unit, is_user: f"mode of {unit}")
    return System(tmp_path)


def test_a_login_of_an_ordinary_machine_is_safe(system: System) -> None:
    assert system.why == ""
    assert crash_safety(system.root).as_json() == {"crash_safe": True, "why": []}


@pytest.mark.parametrize(
    ("files", "kills"),
    [
        ({"etc/systemd/logind.conf": "[Login]\nKillUserProcesses=yes"}, True),
        ({"etc/systemd/logind.conf": "#KillUserProcesses=yes"}, False),
        ({"etc/systemd/logind.conf.d/a.conf": "KillUserProcesses = true"}, True),
        (
            {
                "usr/lib/systemd/logind.conf.d/a.conf": "KillUserProcesses=yes",
                "etc/systemd/logind.conf.d/b.conf": "KillUserProcesses=no",
            },
            False,
        ),
    ],
)
def test_logind_may_end_everything_with_a_login(system: System, files: dict[str, str], kills: bool) -> None:
    for name, text in files.items():
        system.write(name, text)
    assert ("logind" in system.why) is kills


@pytest.mark.parametrize(("mode", "is_safe"), [("control-group", False), ("mixed", False), ("process", True)])
def test_a_service_of_systemd_is_ended_whole(
    system: System, monkeypatch: pytest.MonkeyPatch, mode: str, is_safe: bool
) -> None:
    asked: list[tuple[str, bool]] = []
    monkeypatch.setattr(module, "_kill_mode", lambda unit, is_user: asked.append((unit, is_user)) or mode)
    system.write("proc/self/cgroup", "0::/system.slice/ci-runner.service")
    assert (system.why == "") is is_safe
    system.write("proc/self/cgroup", "0::/user.slice/user-7.slice/user@7.service/app.slice/nightly.service/sub")
    assert (system.why == "") is is_safe
    assert asked == [("ci-runner.service", False), ("nightly.service", True)]
    if not is_safe:
        assert f"KillMode={mode}" in system.why


def test_systemds_own_line_counts_where_there_are_several(system: System) -> None:
    system.write("proc/self/cgroup", "4:memory:/x.service\n1:name=systemd:/user.slice/run-u5.scope\n0::/")
    assert "run-u5.scope" in system.why


def test_without_systemctl_its_default_is_assumed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert module._kill_mode("x.service", is_user=False) == "control-group"


def test_a_container_ends_with_its_main_process(system: System) -> None:
    system.write("proc/1/comm", "tini")
    assert "container" in system.why and "tini" in system.why


def test_one_that_was_put_into_a_running_container_does_not_end_with_its_run(system: System) -> None:
    system.write("proc/1/comm", "postgres")
    system.parents(os.getpid(), 0)
    assert system.why == ""


def test_the_run_itself_may_be_the_main_process(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    system.write("proc/1/comm", "chaos")
    monkeypatch.setattr(module.os, "getpid", lambda: 1)
    monkeypatch.setattr(module.os, "pidfd_open", lambda pid: os.open(os.devnull, os.O_RDONLY))
    assert "main process of a container" in system.why


def test_without_a_pidfd_a_death_is_not_seen(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(module.os, "pidfd_open")
    assert "no pidfd" in system.why


def test_a_system_without_any_of_these_files_says_nothing_against_it(tmp_path: Path) -> None:
    assert crash_safety(tmp_path / "empty").is_safe


def test_this_system_can_be_asked() -> None:
    assert isinstance(crash_safety().as_json()["crash_safe"], bool)
