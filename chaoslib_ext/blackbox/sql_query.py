"""A query as an author writes it: one statement, with values by name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chaoslib_ext.errors import BadInput

from .arguments import text

__all__ = ["Query"]

_QUOTED = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$.*?\$\1\$|--[^\n]*|/\*.*?\*/""", re.DOTALL)


@dataclass(frozen=True)
class Query:
    """`params` are the values of `:name` in it; without any it goes out as it is. Raises BadInput."""

    sql: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        written = text("query", self.sql, "SELECT count(*) FROM orders")
        if ";" in _QUOTED.sub(" ", written).strip().rstrip("; \t\r\n"):
            raise BadInput(f"query must be one statement, not several with ; between them: {written!r}")
        if not isinstance(self.params, Mapping) or not all(isinstance(name, str) for name in self.params):
            raise BadInput(f"params must be a mapping of names to values, such as {{sku: tea}}, not {self.params!r}")
