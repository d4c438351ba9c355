"""What many answers come to: a share, a percentile. Pure: no clock, no network."""

import math
from collections.abc import Collection, Sequence

from .http import Answer

__all__ = ["bad_share", "percentile_ms"]


def is_good(answer: Answer, ok_status: Collection[int], slower_than_ms: float | None) -> bool:
    """Answered, with a status that is fine, and not too late."""
    in_time = slower_than_ms is None or answer.seconds * 1000 <= slower_than_ms
    return answer.status in ok_status and in_time


def bad_share(answers: Sequence[Answer], ok_status: Collection[int], slower_than_ms: float | None) -> float:
    """The share of answers that are not good, from 0 to 1."""
    return sum(not is_good(answer, ok_status, slower_than_ms) for answer in answers) / len(answers)


def percentile_ms(answers: Sequence[Answer], percentile: float, timeout_s: float) -> float:
    """The smallest latency in ms that `percentile` % of the requests did not exceed (nearest rank).

    A request without an answer took at least its whole time limit, however soon it failed: counted as quick, an
    outage would look like speed.
    """
    latencies = sorted((one.seconds if one.status is not None else max(one.seconds, timeout_s)) for one in answers)
    rank = math.ceil(percentile / 100 * len(latencies))
    return round(latencies[max(rank, 1) - 1] * 1000, 3)
