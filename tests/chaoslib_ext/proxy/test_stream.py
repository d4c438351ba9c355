"""Chunks and sockets."""

import asyncio

import pytest

from chaoslib_ext.proxy.stream import Chunk, Early, Ending, Socket


def test_a_chunk_is_cut_in_two_of_the_same_time():
    chunk = Chunk(memoryview(b"abcdef"), 5.0)
    piece = chunk.cut(2)
    assert (bytes(piece.data), piece.time) == (b"ab", 5.0)
    assert (bytes(chunk.data), chunk.time) == (b"cdef", 5.0)
    assert not chunk.cut(0).data


class Inlet:
    first = None

    def __init__(self):
        self.got = []

    def send(self, data):
        self.got.append(data)

    def end(self, ending):
        self.got.append(ending)


class Transport(asyncio.Transport):
    def __init__(self):
        super().__init__()
        self.calls = []

    def is_closing(self):
        return "close" in self.calls

    def __getattribute__(self, name):
        if name in ("pause_reading", "resume_reading", "close", "write_eof", "abort"):
            return lambda: self.calls.append(name)
        return super().__getattribute__(name)


@pytest.fixture
def side():
    made = Socket(connection=None)
    made.connection_made(Transport())
    return made


def test_what_comes_before_the_other_side_is_there_is_delivered_after_all(side):
    early = side.inlet
    assert isinstance(early, Early)
    side.data_received(b"early ")
    side.data_received(b"bird")
    assert side.eof_received() is True  # the other direction lives on
    inlet = Inlet()
    side.join(inlet, None)
    side.replay(early)
    assert inlet.got == [b"early ", b"bird", Ending.EOF]


def test_reading_is_switched_only_when_it_changes(side):
    for wanted in (True, False, False, True):
        side.read(wanted)
    assert side.transport.calls == ["pause_reading", "resume_reading"]


def test_a_half_close_is_sent_once_and_nothing_after_the_close(side):
    for ending in (Ending.EOF, Ending.EOF, Ending.CLOSE, Ending.EOF, Ending.CLOSE):
        side.finish(ending)
    assert side.transport.calls == ["write_eof", "close"]
