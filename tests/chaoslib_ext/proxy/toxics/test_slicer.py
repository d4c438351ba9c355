"""Small pieces."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaoslib_ext.proxy.toxics.slicer import Slicer
from chaoslib_ext.testing.toxics import ToxicBench, check_toxic


def test_slicer_keeps_the_contract():
    check_toxic(Slicer, average_size=64, size_variation=32, delay=100)


@given(st.integers(1, 5000), st.data(), st.integers(0, 40_000), st.integers())
def test_pieces_make_up_the_whole_and_stay_in_their_range(average, data, length, seed):
    variation = data.draw(st.integers(0, average))
    sizes = list(Slicer(average, variation).sizes(length, Random(seed)))
    assert sum(sizes) == length
    assert all(size <= average + variation for size in sizes)
    assert all(sizes) or not length


def test_every_piece_leaves_by_itself_with_the_delay_after_it():
    bench = ToxicBench(Slicer(average_size=100, delay=1000))
    bench.send(bytes(range(200)))
    bench.move(1)
    assert [(round(when, 6), data) for when, data in bench.pieces] == [
        (0, bytes(range(100))),
        (0.001, bytes(range(100, 200))),
    ]


def test_its_default_cuts_nothing():
    bench = ToxicBench(Slicer())
    bench.send(b"x" * 5000)
    assert [data for _, data in bench.pieces] == [b"x" * 5000]


@pytest.mark.parametrize(
    ("settings", "written"),
    [
        ({"average_size": 0}, ["average_size"]),
        ({"average_size": -1}, []),
        ({"average_size": 10, "size_variation": 11}, []),
        ({"average_size": 10, "size_variation": -1}, []),
        ({"size_variation": 5}, ["size_variation"]),
    ],
)
def test_what_kills_the_original_is_refused(settings, written):
    assert Slicer(**settings).problem(written)


def test_thousands_of_pieces_leave_the_others_their_turn():
    bench = ToxicBench(Slicer(average_size=1))
    bench.send(b"x" * 1000)
    assert 0 < len(bench.received) < 1000
    bench.move(0.001)
    assert len(bench.received) == 1000
