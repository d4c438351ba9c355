from pathlib import Path

from chaoslib_ext.lab.state import LabState, lab_dir
from chaoslib_ext.lab.valkey import ValkeyServer


def test_only_who_knows_this_labs_password_is_let_in(shared_lab: LabState) -> None:
    port = shared_lab.processes["valkey"].port
    assert ValkeyServer(lab_dir(), Path(shared_lab.data), shared_lab.secret).answers(port)
    assert not ValkeyServer(lab_dir(), Path(shared_lab.data), "another").answers(port)


def test_the_password_is_in_a_file_of_ours_not_on_the_command_line(tmp_path: Path) -> None:
    server = ValkeyServer(tmp_path, tmp_path, "xyz")
    server.prepare()
    assert (tmp_path / "valkey" / "valkey.conf").stat().st_mode & 0o777 == 0o600
    assert "xyz" not in " ".join(map(str, server.command(1).argv))
