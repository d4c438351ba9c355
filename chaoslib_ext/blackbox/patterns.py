"""Regular expressions of an author, searched for in text that a system sent: with a time limit, for some never end.

The dialect is that of Python's `re`; the library is `regex`, which can stop.
"""

from typing import TYPE_CHECKING

from chaoslib_ext.errors import BadInput, ProbeError

from .arguments import text

if TYPE_CHECKING:
    from regex import Match

__all__ = ["Pattern"]


class Pattern:
    """A compiled pattern. Raises BadInput when it is none; `timeout` in seconds bounds each search."""

    def __init__(self, written: str, timeout: float) -> None:
        import regex

        self.written, self._timeout = text("pattern", written, r"'order \d+ paid'"), timeout
        try:
            self._compiled = regex.compile(written)
        except regex.error as error:
            raise BadInput(f"pattern {written!r} is not a regular expression: {error}") from None

    def search(self, where: str) -> "Match[str] | None":
        """The first place where it matches. Raises ProbeError when that takes too long to say."""
        try:
            return self._compiled.search(where, timeout=self._timeout, concurrent=True)
        except TimeoutError:
            raise ProbeError(
                f"the pattern {self.written!r} was not done with {len(where)} characters in {self._timeout:g} s; "
                "write it with fewer nested repetitions"
            ) from None
