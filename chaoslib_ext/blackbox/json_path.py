"""JSONPath as everything else in an experiment speaks it: the host's own dialect, by the library the host brings."""

import contextlib
import io
from collections.abc import Callable
from typing import Any

from chaoslib_ext.errors import BadInput

__all__ = ["json_path"]


def json_path(path: str) -> Callable[[Any], list[Any]]:
    """What finds all values at `path`, such as `$.items[0].price`. Raises BadInput for a path that is none."""
    from jsonpath2.path import Path

    if not isinstance(path, str):
        raise BadInput(f"path must be a JSONPath such as $.items[0].price, not {path!r}")
    try:
        with contextlib.redirect_stderr(io.StringIO()):  # its parser prints as well as raising
            parsed = Path.parse_str(path)
    except ValueError as error:
        raise BadInput(f"{path!r} is not a JSONPath ({error}); write it like $.items[0].price") from None
    return lambda document: [match.current_value for match in parsed.match(document)]
