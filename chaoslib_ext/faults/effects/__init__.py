"""This room says what each kind of fault looks like from outside, and what counts as having seen it."""

from .breaks import Down, Noop, ResetPeer, Timeout
from .delays import Latency, SlowClose
from .method import Asked, Baseline, Method
from .weights import Bandwidth, LimitData, Slicer

__all__ = ["METHODS", "Asked", "Baseline", "Method"]

METHODS: dict[str, type[Method]] = {
    "bandwidth": Bandwidth,
    "down": Down,
    "latency": Latency,
    "limit_data": LimitData,
    "noop": Noop,
    "reset_peer": ResetPeer,
    "slicer": Slicer,
    "slow_close": SlowClose,
    "timeout": Timeout,
}
"""Kind of fault -> how it is measured."""
