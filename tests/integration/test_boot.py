"""Everything died with its faults on: systemd itself starts the unit of `chaos undo --install-service`, which undoes.

A real user manager, in namespaces of its own, so that it sees no unit, process or control group of this machine's.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.undo.log import logs

pytestmark = [pytest.mark.timeout(180), pytest.mark.joins("cli", "undo")]

SYSTEMD = Path("/lib/systemd/systemd")
ALL_DIE = """
import os, signal
from actions import proxies, toxics
from chaoslib_ext.faults.run import current
toxics.add_latency("web", 40)
proxies.down("db")
os.kill(current().watchdog.pid, signal.SIGKILL)
os.kill(os.getpid(), signal.SIGKILL)
"""
BOOT = f"""
set -e
umount -R /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
mount -t tmpfs none /run
mkdir -p /run/systemd/system /run/user
chmod 700 /run/user
XDG_RUNTIME_DIR=/run/user {SYSTEMD} --user  # not by exec: as process 1 it would be the machine's
exit 0
"""
NAMESPACES = ["unshare", "--mount", "--pid", "--fork", "--kill-child=SIGKILL", "--cgroup", "--mount-proc"]


@contextmanager
def booted() -> Iterator[subprocess.Popen[bytes]]:
    """This user's manager, as after a start of the machine; ended with all that it started."""
    manager = subprocess.Popen([*NAMESPACES, "sh", "-c", BOOT], stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        yield manager
    finally:
        manager.kill()
        manager.wait()


def has_a_real_systemd() -> bool:
    if os.getuid() != 0 or not SYSTEMD.exists() or shutil.which("unshare") is None:
        return False
    return subprocess.run([*NAMESPACES, "true"], capture_output=True, check=False).returncode == 0


def open_undos() -> list[str]:
    return [one.says for log in logs() for one in log.read().open]


@pytest.mark.skipif(not has_a_real_systemd(), reason="no systemd here, or not root to start one apart")
def test_after_a_boot_systemd_undoes(embedded: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, folder in {"HOME": "home", "XDG_CONFIG_HOME": "home/a %h", "CHAOS_STATE_DIR": "state $x"}.items():
        monkeypatch.setenv(name, str(tmp_path / folder))
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("TOXIPROXY_URL", embedded)
    client = Client(embedded)
    for name in ("web", "db"):
        client.create(name, "127.0.0.1:9")
    before = client.proxies()
    chaos = [str(Path(sys.executable).with_name("chaos")), "--no-version-check", "undo"]
    subprocess.run([*chaos, "--install-service"], check=True, stdout=subprocess.DEVNULL)
    died = subprocess.run([sys.executable, "-c", ALL_DIE], check=False)
    assert died.returncode == -signal.SIGKILL and client.proxies() != before and len(open_undos()) == 4
    with booted() as manager:
        deadline = SYSTEM.monotonic() + 90
        while open_undos() and manager.poll() is None and SYSTEM.monotonic() < deadline:
            SYSTEM.sleep(0.1)
    assert client.proxies() == before
    assert not open_undos()
