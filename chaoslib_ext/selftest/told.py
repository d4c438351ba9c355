"""What the processes of a case tell: a line of JSON each, in the file `told` of its folder.

`process` (pid, role), `begun` (the first point was reached), `point` (where a run is traced), `reached` (the point at
which something was done), `server` (something must be done to the server now). `at` is on CLOCK_MONOTONIC.
"""

import json
from pathlib import Path
from typing import Any

__all__ = ["FILE", "read"]

FILE = "told"


def read(folder: Path) -> list[dict[str, Any]]:
    """All that was told so far; a line that is being written is left out."""
    try:
        content = (folder / FILE).read_bytes()
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in content[: content.rfind(b"\n") + 1].splitlines()]
