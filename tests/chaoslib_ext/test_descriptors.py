"""Waiting for a descriptor, whatever its number."""

import fcntl
import os
import resource
from collections.abc import Iterator

import pytest

from chaoslib_ext.descriptors import is_readable


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
