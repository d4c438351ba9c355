"""What processes tell is read back; a line that is being written waits."""

from pathlib import Path

from chaoslib_ext.selftest import told


def test_whole_lines_only(tmp_path: Path) -> None:
    assert told.read(tmp_path) == []
    (tmp_path / told.FILE).write_text('{"is": "begun", "at": 1.5}\n{"is": "rea')
    assert told.read(tmp_path) == [{"is": "begun", "at": 1.5}]
