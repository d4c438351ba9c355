"""What happens at a point, in a child: signals, a disk that fails, clocks that jump."""

import sys
from pathlib import Path

import pytest

from chaoslib_ext.selftest.victim import Strike, Victim

HERE = "runner fsync durable.py:sync_folder #1 before"
POINT = "import pathlib; from chaoslib_ext.durable import sync_folder as point; point(pathlib.Path('.'))\n"


def struck(folder: Path, do: tuple[str, ...], code: str) -> Victim:
    victim = Victim(folder, [sys.executable, "-c", code], "http://127.0.0.1:1", strikes=[Strike(HERE, do)])
    victim._process.wait(60)
    assert victim.told("reached"), victim.output()
    return victim


@pytest.mark.parametrize(("name", "code"), [("SIGKILL", -9), ("SIGTERM", -15), ("SIGHUP", -1)])
def test_a_signal(name: str, code: int, folder: Path) -> None:
    assert struck(folder, ("signal", name), POINT).exit_code == code


def test_two_ctrl_c(folder: Path) -> None:
    code = (
        "import signal, time\ncame = []\nsignal.signal(2, lambda *_: came.append(1))\n"
        f"{POINT}until = time.monotonic() + 30\nwhile len(came) < 2 and time.monotonic() < until: time.sleep(0.01)\n"
        "print('came', len(came))"
    )
    assert "came 2" in struck(folder, ("signal", "SIGINT", "twice"), code).output()


@pytest.mark.parametrize(("do", "says"), [("disk-full", "No space left"), ("disk-error", "Input/output error")])
def test_a_disk_fails_from_there_on_for_the_undo_log_alone(folder: Path, do: str, says: str) -> None:
    code = (
        f"from chaoslib_ext.undo.log import UndoLog\nfrom chaoslib_ext.record.record import Record\n"
        f"log = UndoLog.create('abc123')\n{POINT}Record.create('x').append('a', {{}})\nlog.close()"
    )
    victim = struck(folder, (do, "undo"), code)
    assert victim.exit_code == 1 and "UndoNotDurable" in victim.output() and says in victim.output()


def test_of_the_record_alone(folder: Path) -> None:
    code = (
        f"from chaoslib_ext.undo.log import UndoLog\nfrom chaoslib_ext.record.record import Record\n"
        f"{POINT}UndoLog.create('abc123').close()\nRecord.create('x').append('a', {{}})"
    )
    victim = struck(folder, ("disk-full", "record"), code)
    assert victim.exit_code == 1 and "RecordNotWritable" in victim.output()


@pytest.mark.parametrize(("which", "seconds"), [("wall", 86400.0), ("wall", -86400.0), ("boot", 3600.0)])
def test_a_clock_jumps_and_the_others_go_on(folder: Path, which: str, seconds: float) -> None:
    code = (
        "from chaoslib_ext.clock import SYSTEM\n"
        "def now(): return SYSTEM.wall().timestamp(), SYSTEM.boot(), SYSTEM.monotonic()\n"
        f"a = now()\n{POINT}b = now()\nprint('moved', *(round(y - x, -2) for x, y in zip(a, b)))"
    )
    said = struck(folder, ("clock", which, f"{seconds:g}"), code).output()
    moved = [float(one) for one in said.split("moved ")[1].split()]
    assert moved == ([seconds, 0, 0] if which == "wall" else [0, seconds, 0])


def test_the_server_is_left_to_whoever_can_hurt_it_and_waited_for(folder: Path) -> None:
    (folder / "server-done").touch()
    assert struck(folder, ("server", "kill"), POINT).told("server") == [{"is": "server", "what": "kill"}]


def test_done_once_not_again_to_the_one_who_takes_its_place(folder: Path) -> None:
    first = struck(folder, ("signal", "SIGKILL"), POINT)
    again = Victim(
        folder, [sys.executable, "-c", POINT], "http://127.0.0.1:1", strikes=[Strike(HERE, ("signal", "SIGKILL"))]
    )
    assert (first.exit_code, again._process.wait(60)) == (-9, 0)


@pytest.mark.parametrize(("then", "code"), [((), 0), (("SIGKILL",), -9)], ids=["goes on", "killed"])
def test_no_thread_is_to_be_had_from_there_on_in_no_process(folder: Path, then: tuple[str, ...], code: int) -> None:
    program = (
        "import threading\nbefore = threading.Thread(target=lambda: print('before', flush=True))\n"
        f"before.start()\nbefore.join()\n{POINT}"
        "try: threading.Thread(target=print).start()\nexcept RuntimeError as error: print(error)"
    )
    victim = struck(folder, ("no-threads", *then), program)
    assert victim.exit_code == code and "before" in victim.output()
    assert code or "can't start new thread" in victim.output()


def test_its_watchdog_is_stopped(folder: Path) -> None:
    program = (
        "import subprocess, sys\nfrom chaoslib_ext.processes import is_stopped\n"
        "dog = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)', 'chaoslib_ext.faults.watch'])\n"
        "import time\nwhile b'watch' not in open(f'/proc/{dog.pid}/cmdline', 'rb').read(): time.sleep(0.01)\n"
        f"{POINT}print('stopped', is_stopped(dog.pid))\ndog.kill()"
    )
    assert "stopped True" in struck(folder, ("stop-watchdog",), program).output()
