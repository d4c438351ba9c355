"""Waiting for a descriptor, whatever its number."""

import fcntl
import os
import resource
import subprocess
import sys
from collections.abc import Iterator

import pytest

from chaoslib_ext.descriptors import Reserve, is_readable


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    yield reader, writer
    for one in (reader, writer):
        try:
            os.close(one)
        except OSError:  # the test closed it
            continue


def test_it_is_once_something_was_written_or_the_writer_is_gone(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    assert not is_readable(reader, 0)
    os.write(writer, b"x")
    assert is_readable(reader, 10)
    os.read(reader, 1)
    os.close(writer)
    assert is_readable(reader, 10)


def test_one_of_a_process_that_has_thousands_open(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        high = fcntl.fcntl(reader, fcntl.F_DUPFD_CLOEXEC, 2000)
        try:
            assert not is_readable(high, 0)
            os.write(writer, b"x")
            assert is_readable(high, 10)
        finally:
            os.close(high)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_reserve_gives_files_back_to_a_process_that_has_used_up_all_of_its_own() -> None:
    code = """
import os, resource
from chaoslib_ext.descriptors import Reserve
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
reserve = Reserve(5)
eaten = []
try:
    while True:
        eaten.append(os.dup(0))
except OSError:
    pass
reserve.free()
print(len([os.dup(0) for _ in range(5)]))
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "5\n"


def test_a_reserve_closes_nothing_that_took_its_number() -> None:
    reserve = Reserve(3)
    for number in reserve._kept:
        os.close(number)
    reads, writes = os.pipe()
    reserve.free()
    os.write(writes, b"x")
    assert os.read(reads, 1) == b"x"
    os.close(reads)
    os.close(writes)
