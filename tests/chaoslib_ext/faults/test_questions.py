"""Which question is asked first, and that nothing but harmless ones exist."""

import pytest

from chaoslib_ext.faults.questions import HTTP, LISTEN, POSTGRESQL, RESP, TLS, questions_for
from chaoslib_ext.model import Target


def target(proxy: str, upstream: str = "10.0.0.1:9999") -> Target:
    return Target(server="http://h:1", proxy=proxy, listen="127.0.0.1:1", upstream=upstream)


@pytest.mark.parametrize(
    ("proxy", "upstream", "first"),
    [
        ("orders-postgresql", "10.0.0.1:9999", [POSTGRESQL]),
        ("orders-db", "10.0.0.1:9999", [POSTGRESQL]),
        ("x", "10.0.0.1:5432", [POSTGRESQL]),
        ("cart-valkey", "10.0.0.1:9999", [RESP]),
        ("x", "10.0.0.1:6379", [RESP]),
        ("storefront-http", "10.0.0.1:9999", [HTTP]),
        ("x", "10.0.0.1:8080", [HTTP]),
        ("x", "api.example:443", [TLS]),
        ("payment-https", "10.0.0.1:9999", [TLS]),
        ("x", "10.0.0.1:9999", []),
    ],
)
def test_the_name_or_the_port_says_what_to_ask_first(proxy: str, upstream: str, first: list[object]) -> None:
    likely, others = questions_for(target(proxy, upstream))
    assert likely == first
    assert [*likely, *others].count(LISTEN) == 1
    assert {one.name for one in [*likely, *others]} == {"http", "tls", "postgresql", "ping", "listen"}


def test_what_is_sent_is_harmless_and_nothing_else() -> None:
    assert POSTGRESQL.plain == POSTGRESQL.heavy == bytes.fromhex("0000000804d2162f")  # SSLRequest
    assert RESP.plain == RESP.heavy == b"*1\r\n$4\r\nPING\r\n"
    assert all(one.startswith(b"GET / HTTP/1.1\r\n") for one in (HTTP.plain, HTTP.heavy, HTTP.patient))
    assert b"Connection: close" in HTTP.plain and b"Connection" not in HTTP.patient
    assert 6000 < len(HTTP.heavy) < 8192
    assert all(one.startswith(b"\x16\x03\x01") and one[5] == 1 for one in (TLS.plain, TLS.heavy, TLS.patient))
    assert TLS.plain.endswith(b"\x15\x03\x03\x00\x02\x01\x00") and TLS.ends and HTTP.ends  # close_notify
    assert len(TLS.plain) < 2000 and 6000 < len(TLS.heavy) < 8192
    assert LISTEN.plain == LISTEN.heavy == b""


@pytest.mark.parametrize(
    ("question", "answer", "good"),
    [
        (HTTP, b"HTTP/1.1 404 Not Found", True),
        (HTTP, b"\x15\x03\x01", False),
        (POSTGRESQL, b"N", True),
        (POSTGRESQL, b"S", True),
        (POSTGRESQL, b"HTTP/1.1 400", False),
        (RESP, b"+PONG\r\n", True),
        (RESP, b"-NOAUTH Authentication required.", True),
        (RESP, b"N", False),
        (TLS, b"\x16\x03\x03\x00", True),
        (TLS, b"\x15\x03\x01\x00", True),
        (TLS, b"HTTP/1.1 400 Bad Request", False),
        (LISTEN, b"220 hello", True),
        (LISTEN, b"", False),
    ],
)
def test_an_answer_is_told_from_noise(question: object, answer: bytes, good: bool) -> None:
    assert question.is_answer(answer) is good  # type: ignore[attr-defined]
