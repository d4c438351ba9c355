"""Which improvements are switched on: a small JSON file, read at each question, so that a change needs no restart."""

import json
import os
from pathlib import Path

__all__ = ["is_on", "which"]


def which() -> list[str]:
    """The names listed under `on` in the file that SHOP_FEATURES names; none without a file."""
    named = os.environ.get("SHOP_FEATURES")
    if not named or not Path(named).is_file():
        return []
    return [str(name) for name in json.loads(Path(named).read_text())["on"]]


def is_on(name: str) -> bool:
    """Is this improvement switched on now?"""
    return name in which()
