"""Lines of a file that may be huge: from its beginning or from its end, a block at a time.

A line is at most 1 MiB; what is longer comes in pieces, so that a file without a single line end is no trouble.
"""

import os
from collections.abc import Iterator
from typing import BinaryIO

__all__ = ["backwards", "forwards"]

_BLOCK = 256 * 1024
_LONGEST = 1024 * 1024


def forwards(file: BinaryIO) -> Iterator[str]:
    """Each line from where the file stands, without its end, up to the size that it has now."""
    left = os.fstat(file.fileno()).st_size - file.tell()
    while left > 0 and (line := file.readline(min(_LONGEST, left))):
        left -= len(line)
        yield _text(line)


def backwards(file: BinaryIO) -> Iterator[str]:
    """Each line, the last one first, without its end."""
    end = size = os.fstat(file.fileno()).st_size
    rest = b""
    while end > 0:
        begin = max(0, end - _BLOCK)
        file.seek(begin)
        block = file.read(end - begin)
        if end == size:
            block = block.removesuffix(b"\n")  # behind the last line end there is no line
        rest, *lines = (block + rest).split(b"\n")
        yield from (_text(line) for line in reversed(lines))
        end = begin
        if len(rest) > _LONGEST:
            yield _text(rest)
            rest = b""
    if size:
        yield _text(rest)


def _text(line: bytes) -> str:
    return line.decode(errors="replace").rstrip("\r\n")
