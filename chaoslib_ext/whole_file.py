"""A file as a whole, where anything may lie in its place: never waits at a pipe, never reads what has no end."""

import os
import stat
from pathlib import Path

from .errors import BadFile

__all__ = ["BIGGEST", "read_up_to", "read_whole"]

BIGGEST = 500_000
"""Bytes; a bigger file is no experiment. PyYAML, which the host reads with, takes ten seconds for as much as that."""


def read_whole(file: Path) -> bytes:
    """What stands in it. Raises OSError for what cannot be read (a pipe or a device neither), BadFile above BIGGEST."""
    content = read_up_to(file, BIGGEST + 1)
    if len(content) > BIGGEST:
        raise BadFile(f"{file} is bigger than {BIGGEST} bytes, so it is no experiment")
    return content


def read_up_to(file: Path, most: int = -1) -> bytes:
    """What stands in it, no more than so many bytes (-1: all). Raises OSError for what cannot be read: a pipe, too."""
    with open(os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as opened:
        if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
            raise OSError(None, "it is no file, but a folder, a pipe or a device")
        return opened.read(most)
