"""What an answer means, and what is said of one that no Toxiproxy would give."""

from collections.abc import Callable
from typing import Any

import pytest

from chaoslib_ext.errors import ProxyFailed
from chaoslib_ext.proxy.client import Client


@pytest.mark.parametrize(
    ("status", "text", "words"),
    [
        (200, "<html><title>Jenkins</title></html>", "is another program listening there?"),
        (200, "{}", "is another program listening there?"),
        (200, "[]", "is another program listening there?"),
        (200, "null", "is another program listening there?"),
        (200, '{"web": {"name": 1}}', "is another program listening there?"),
        (404, "404 page not found\n", "is another program listening there?"),
        (302, "", "is another program listening there?"),
        (401, "who are you", "wants a user and a password"),
        (403, "no", "wants a user and a password"),
        (403, '{"error":"Host x not allowed: start it with --allow-host x","status":403}', "says: .* --allow-host x"),
        (500, '{"error":"boom","status":500}', "says: boom"),
        (503, "<html><head><title>Timeout</title></head></html>", "failed at GET .* with 503"),
    ],
)
def test_an_odd_answer_is_named(
    pretender: Callable[..., str], says: Callable[..., Any], status: int, text: str, words: str
) -> None:
    client = Client(pretender(says(status, text, Location="http://127.0.0.1:1/")))
    for ask in (client.version, lambda: client.proxy("web")):
        with pytest.raises(ProxyFailed, match=words) as raised:
            ask()
        assert client.url in str(raised.value) and len(str(raised.value)) < 300


def test_metrics_that_are_off_are_none_and_not_an_error(
    pretender: Callable[..., str], says: Callable[..., Any]
) -> None:
    assert Client(pretender(says(404, "404 page not found\n"))).metrics() is None
