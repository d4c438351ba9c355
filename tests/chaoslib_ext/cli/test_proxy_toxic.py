"""How a toxic is written on one line: `--toxic TYPE:KEY=NUMBER,...`."""

from typing import Any

import pytest

from chaoslib_ext.cli.proxy_toxic import parse_toxic
from chaoslib_ext.errors import BadInput


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("noop", {"type": "noop", "attributes": {}}),
        ("latency:latency=400,jitter=50", {"type": "latency", "attributes": {"latency": 400, "jitter": 50}}),
        (
            "timeout: timeout=5, toxicity=0.5, stream=upstream, name=cut, seed=7",
            {
                "type": "timeout",
                "name": "cut",
                "stream": "upstream",
                "toxicity": 0.5,
                "seed": 7,
                "attributes": {"timeout": 5},
            },
        ),
    ],
)
def test_a_toxic_on_one_line(text: str, body: dict[str, Any]) -> None:
    assert parse_toxic(text) == body


@pytest.mark.parametrize("text", ["", ":latency=400", "latency:latency", "latency:latency=4s"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="write "):
        parse_toxic(text)
