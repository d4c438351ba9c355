"""Which values are still missing."""

from pathlib import Path

from chaoslib_ext.plan.experiment import Loaded
from chaoslib_ext.plan.values import lacking


def test_names_are_found_wherever_they_stand() -> None:
    loaded = Loaded(Path("x.yaml"), {}, configuration={"a": 1}, unresolved={"b": "why", "c": "no"})
    assert lacking({"x": ["${a}", {"y": "http://${b}/$c"}]}, loaded) == "it needs ${b} (why), ${c} (no)"
    assert lacking({"x": ["${a}", "${nobody}", 3, None]}, loaded) is None
