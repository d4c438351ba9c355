import io
import tempfile
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chaoslib_ext.blackbox import lines
from chaoslib_ext.blackbox.lines import backwards, forwards


def kept(content: bytes) -> BinaryIO:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it is forgotten
    file.write(content)
    file.seek(0)
    return file  # type: ignore[return-value]


@given(some.lists(some.sampled_from(["", "a", "bb", "ccc\r", "ü"]), max_size=30), some.booleans(), some.integers(1, 9))
def test_backwards_is_forwards_turned_round(words: list[str], ends: bool, block: int) -> None:
    content = ("\n".join(words) + ("\n" if ends else "")).encode()
    expected = [line.rstrip("\r\n") for line in io.StringIO(content.decode(), newline="\n")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "_BLOCK", block)
        assert list(forwards(kept(content))) == expected
        assert list(backwards(kept(content))) == expected[::-1]


def test_a_line_without_an_end_comes_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "_LONGEST", 100)
    monkeypatch.setattr(lines, "_BLOCK", 50)
    content = b"x" * 1000 + b"\nlast\n"
    assert max(map(len, forwards(kept(content)))) <= 100
    found = list(backwards(kept(content)))
    assert found[0] == "last" and max(map(len, found)) <= 150 and sum(map(len, found)) == 1004
