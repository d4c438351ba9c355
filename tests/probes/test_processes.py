import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from chaoslib_ext.errors import BadInput, ProbeError
from probes import processes

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start() -> Iterator[Start]:
    """start(script, *words) -> a Python process that has said that it is ready and waits for its end."""
    started = []

    def run(script: str = "", *words: str) -> subprocess.Popen[str]:
        code = f"{script}\nprint('ready', flush=True)\nimport sys\nsys.stdin.read()"
        command = [sys.executable, "-c", code, *words]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout and process.stdout.readline() == "ready\n"
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def test_a_process_lives_until_it_does_not(start: Start) -> None:
    process = start()
    assert processes.are_alive(process.pid) is True
    assert processes.count(process.pid) == 1
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and nobody has buried it yet
    assert psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE
    assert processes.are_alive(process.pid) is False
    process.wait()
    assert processes.count(process.pid) == 0


def test_they_are_found_by_command_line_and_by_name(start: Start, tmp_path: Path) -> None:
    mark = f"worker-{tmp_path.name}-{os.getpid()}"
    start("", mark, "one")
    start("", mark, "two")
    assert processes.count(cmdline=mark) == 2
    assert processes.count(cmdline=rf"{mark} (one|three)$") == 1
    assert processes.are_alive(cmdline=mark, at_least=2) is True
    assert processes.are_alive(cmdline=mark, at_least=3) is False
    assert processes.count(name=f"no-such-program-{os.getpid()}") == 0
    assert processes.count(name=psutil.Process(start().pid).name()) >= 3


def test_whoever_asks_is_not_meant(tmp_path: Path) -> None:
    mark = f"asker-{tmp_path.name}-{os.getpid()}"
    asked = "import sys; from probes import processes; print(processes.count(cmdline=sys.argv[1]))"
    shell = f"{sys.executable} -c '{asked}' {mark}; true"
    done = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"  # neither itself nor the shell that started it


def test_a_pid_file_names_the_process_it_was_written_for(start: Start, tmp_path: Path) -> None:
    process, file = start(), tmp_path / "shop.pid"
    file.write_text(f"{process.pid}\nmore\n")
    assert processes.are_alive(pid_file=str(file)) is True
    os.utime(file, (1, 1))  # it was written long before this process began, which has only got its number
    assert processes.are_alive(pid_file=str(file)) is False


def test_a_pid_file_that_cannot_be_read_is_no_dead_process(tmp_path: Path) -> None:
    with pytest.raises(ProbeError, match=r"cannot be read \(No such file or directory\)"):
        processes.are_alive(pid_file=str(tmp_path / "none.pid"))
    (tmp_path / "odd.pid").write_text("shop")
    with pytest.raises(ProbeError, match="does not begin with a number"):
        processes.count(pid_file=str(tmp_path / "odd.pid"))


def test_what_they_take(start: Start, tmp_path: Path) -> None:
    small, large = start(), start("held = bytearray(60_000_000)\nfor i in range(0, 60_000_000, 4096): held[i] = 1")
    assert processes.memory_bytes(large.pid) > processes.memory_bytes(small.pid) + 50_000_000
    files = start(f"kept = [open({str(tmp_path / 'a')!r}, 'w') for _ in range(20)]")
    assert processes.open_files(files.pid) == processes.open_files(small.pid) + 20


def test_how_busy_they_are(start: Start) -> None:
    busy = start("import threading\ndef spin():\n while True: pass\nthreading.Thread(target=spin, daemon=True).start()")
    idle = start()
    assert processes.cpu_percent(busy.pid, over="500ms") > 5
    assert processes.cpu_percent(idle.pid, over="200ms") < 5


def test_children_count_when_asked_for(start: Start) -> None:
    parent = start("import subprocess, sys\nbelow = [subprocess.Popen(['sleep', '60']) for _ in range(2)]")
    below = psutil.Process(parent.pid).children()
    try:
        assert processes.count(parent.pid) == 1
        assert processes.count(parent.pid, children=True) == 3
        assert processes.memory_bytes(parent.pid, children=True) > processes.memory_bytes(parent.pid)
    finally:
        for child in below:
            child.kill()


def test_nothing_can_be_said_of_what_is_not_there(start: Start) -> None:
    process = start()
    process.kill()
    process.wait()
    for ask in (processes.memory_bytes, processes.open_files, processes.cpu_percent):
        with pytest.raises(ProbeError, match=rf"no process by process {process.pid}|no process by"):
            ask(process.pid)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({}, "by one of pid, pid_file, name, cmdline, not by none"),
        ({"pid": 1, "name": "init"}, "not by pid and name"),
        ({"pid": 0}, "pid must be a whole number"),
        ({"pid": "1"}, "pid must be a whole number"),
        ({"name": ""}, "name must be text"),
        ({"pid_file": "${file}"}, "pid_file still holds"),
        ({"cmdline": "("}, "is not a regular expression"),
        ({"pid": 1, "at_least": 0}, "at_least"),
        ({"pid": 1, "timeout": "-1s"}, "timeout"),
    ],
)
def test_a_wrong_question_is_refused(wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(BadInput, match=named):
        processes.are_alive(**wrong)
