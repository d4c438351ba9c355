"""The same requests, and the same bytes through the same toxics, made up at random, to both servers at once.

The answers must be the same byte for byte, and so must what arrives. What is random by nature (a port that the system
picks, a draw, a jitter) is not asked for; what differs by intention (see test_better.py) is not generated.
"""

import json
import os
import re
import socket

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

TEXTS = st.one_of(
    st.sampled_from(["a", "b", "A", "t", "latency", "x:1", "", "é<&>", "\u2028", "a b"]), st.text(max_size=6)
)
NUMBERS = st.one_of(
    st.integers(-3, 3),
    st.integers(-(1 << 65), 1 << 65),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0.1, 1.5, -0.0, 1e21, 1e-7, 3.5e38, 1e39]),
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


def mostly(usual):
    """The usual, and now and then anything at all."""
    return st.one_of(usual, usual, usual, usual, ANYTHING)


def cased(key):
    return st.sampled_from([key, key, key, key.upper(), key.title()])


def objects(fields):
    """JSON objects with some of these fields, their keys in any case, and sometimes a foreign one."""
    pairs = st.one_of(*(st.tuples(cased(key), mostly(value)) for key, value in fields.items()))
    foreign = st.tuples(st.sampled_from(["zzz", "Tomb", "index"]), ANYTHING)
    return st.lists(st.one_of(pairs, pairs, pairs, foreign), max_size=6).map(dict)


NAMES = st.sampled_from(["a", "b", "c"])
PROXIES = objects(
    {
        "name": NAMES,
        "listen": st.sampled_from(["127.0.0.1:1", "localhost:2", "bad", "[::1]:3", "", "127.0.0.1:99999"]),
        "upstream": st.sampled_from(["x:1", "y:2", "anything"]),
        "enabled": st.just(False),
    }
).map(lambda body: {**{key: value for key, value in body.items() if key.lower() != "enabled"}, "enabled": False})
ATTRIBUTES = objects({key: st.integers(0, 9) for key in ("latency", "jitter", "rate", "delay", "timeout", "bytes")})
TOXICS = objects(
    {
        "name": st.sampled_from(["t", "u", "v", ""]),
        "type": st.sampled_from(
            ["latency", "bandwidth", "slow_close", "timeout", "reset_peer", "limit_data", "noop", "no"]
        ),
        "stream": st.sampled_from(["upstream", "downstream", "Upstream", "both", ""]),
        "toxicity": st.sampled_from([0, 0.5, 1, 2, -1, 0.123456789]),
        "attributes": ATTRIBUTES,
    }
)
BODIES = {"proxy": PROXIES, "toxic": TOXICS, "populate": st.lists(PROXIES, max_size=3)}
PROXY, TOXIC = (
    NAMES.map(lambda name: f"/proxies/{name}"),
    st.sampled_from(["t", "u", "latency_downstream", "noop_upstream"]),
)
TARGETS = st.one_of(
    st.tuples(st.just("POST"), st.just("/proxies"), st.just("proxy")),
    st.tuples(st.just("POST"), st.just("/populate"), st.just("populate")),
    st.tuples(st.sampled_from(["POST", "PATCH"]), PROXY, st.just("proxy")),
    st.tuples(st.just("POST"), PROXY.map(lambda path: f"{path}/toxics"), st.just("toxic")),
    st.tuples(st.sampled_from(["POST", "PATCH"]), st.tuples(PROXY, TOXIC).map("/toxics/".join), st.just("toxic")),
    st.tuples(st.sampled_from(["GET", "DELETE", "PUT"]), st.tuples(PROXY, TOXIC).map("/toxics/".join), st.none()),
    st.tuples(st.sampled_from(["GET", "DELETE"]), PROXY, st.none()),
)


@st.composite
def calls(draw):
    """(method, path, body as bytes): well-formed JSON mostly, mangled sometimes."""
    method, path, kind = draw(TARGETS)
    if kind is None:
        return method, path, b""
    body = json.dumps(draw(mostly(BODIES[kind])), ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    if draw(st.integers(0, 9)) == 0:
        cut = draw(st.integers(0, len(body)))
        body = body[:cut] + draw(st.sampled_from([b"", b"}", b"x", b"\x00", b'"', b"\xff"]))
    return method, path, body


DEADLY = re.compile(rb'"rate": ?-', re.IGNORECASE)  # refused by ours with a reason of its own
FOREIGN = re.compile(rb'"(seed|toxics)"', re.IGNORECASE)  # known to ours only


@pytest.fixture(scope="session")
def twins(start_server):
    return start_server("embedded").api, start_server("go").api


def tries(count):
    return settings(
        max_examples=count,
        deadline=None,
        print_blob=True,
        derandomize=bool(os.environ.get("CI")),
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


@pytest.mark.go
@tries(150)
@given(asked=st.lists(calls(), min_size=1, max_size=12))
def test_both_answer_the_same(twins, asked):
    for api in twins:
        api.clear()
    for method, path, body in asked:
        if DEADLY.search(body) or FOREIGN.search(body):
            continue
        ours, theirs = (api.ask(method, path, body) for api in twins)
        assert (ours.status, ours.body) == (theirs.status, theirs.body), (method, path, body)
        assert ours.header("Content-Type") == theirs.header("Content-Type")
    ours, theirs = (api.get("/proxies").text for api in twins)
    assert ours == theirs


CHAIN = st.lists(
    st.one_of(
        st.tuples(st.just("limit_data"), st.fixed_dictionaries({"bytes": st.integers(-1, 30_000)})),
        st.tuples(st.just("latency"), st.fixed_dictionaries({"latency": st.integers(-5, 5)})),
        st.tuples(st.just("bandwidth"), st.fixed_dictionaries({"rate": st.integers(5_000, 1_000_000)})),
        st.tuples(st.just("slicer"), st.fixed_dictionaries({"average_size": st.integers(50, 40_000)})),
        st.tuples(st.just("slow_close"), st.fixed_dictionaries({"delay": st.integers(-5, 5)})),
        st.tuples(st.sampled_from(["noop", "timeout"]), st.just({})),
    ),
    max_size=4,
)


def arrives(wire, api, chain, sizes, stream):
    """What comes out at the other end when so many bytes go in, chunk after chunk, and then the end."""
    api.clear()
    with socket.create_server(("127.0.0.1", 0)) as target:
        target.settimeout(10)
        body = {"name": "p", "listen": "127.0.0.1:0", "upstream": f"127.0.0.1:{target.getsockname()[1]}"}
        port = int(api.post("/proxies", body).json["listen"].rpartition(":")[2])
        for number, (kind, attributes) in enumerate(chain):
            toxic = {"name": f"t{number}", "type": kind, "stream": stream, "attributes": attributes}
            assert api.post("/proxies/p/toxics", toxic).status == 200
        with socket.create_connection(("127.0.0.1", port), 10) as client, target.accept()[0] as peer:
            sender, receiver = (client, peer) if stream == "upstream" else (peer, client)
            try:
                for number, size in enumerate(sizes):
                    sender.sendall(bytes([number]) * size)
                sender.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # a limit was reached while we wrote
            return wire.rest(receiver)[0]


@pytest.mark.go
@tries(120)
@given(
    chain=CHAIN,
    sizes=st.lists(st.integers(1, 40_000), min_size=1, max_size=4),
    stream=st.sampled_from(["upstream", "downstream"]),
)
def test_the_same_bytes_arrive(twins, wire, chain, sizes, stream):
    ours, theirs = (arrives(wire, api, chain, sizes, stream) for api in twins)
    assert ours == theirs
