"""What commands do in passing when dead runs have left faults: finish the job, and say one line for each, on stderr."""

from typing import Any

from ._say import say

__all__ = ["finish_what_is_left"]


def finish_what_is_left() -> list[dict[str, Any]]:
    """Undo what dead runs left that nobody attends to; what became of it, as for `--json`."""
    from chaoslib_ext.faults.aftermath import finish, in_words

    done = finish()
    for one in done:
        say(in_words(one), err=True)
    return [one.as_json() for one in done]
