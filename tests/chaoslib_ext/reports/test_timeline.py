"""The drawing: in its frame, to scale, and nothing too small to see."""

from dataclasses import replace

import pytest

from chaoslib_ext.record.story import Story
from chaoslib_ext.reports.timeline import timeline


def test_each_fault_has_a_lane_and_bars_are_to_scale(story: Story) -> None:
    drawn = timeline(story)
    assert [lane.name for lane in drawn.lanes] == [
        "Steady state",
        "Steps",
        "latency checkout-payment",
        "down catalog-valkey",
    ]
    (latency,), (down,) = drawn.lanes[2].bars, drawn.lanes[3].bars
    assert latency.width / down.width == pytest.approx(30.5 / 13, rel=0.01)
    assert down.x - drawn.left == pytest.approx((drawn.width - drawn.left - 8) * 7 / 40, abs=0.2)


def test_everything_stays_in_its_frame(story: Story) -> None:
    odd = replace(story, seconds=0.0, started="no time at all")
    for one in (story, odd, replace(story, seconds=1e6)):
        drawn = timeline(one)
        bars = [bar for lane in drawn.lanes for bar in lane.bars]
        assert all(drawn.left <= bar.x <= bar.x + bar.width <= drawn.width and bar.width > 0 for bar in bars)
        assert len(drawn.ticks) <= 10


def test_very_many_faults_are_not_drawn_but_counted(story: Story) -> None:
    drawn = timeline(replace(story, faults=story.faults * 20))
    assert len(drawn.lanes) == 12 and drawn.left_out == 30
