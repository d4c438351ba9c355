"""The embedded server under people who mean it badly: garbage, churn, floods, readers that never read.

Each lasts seconds, not minutes; what it proves is that nothing is lost, nothing leaks, and the API goes on answering.
"""

import hashlib
import json
import os
import random
import resource
import socket
import threading
import time

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.parametrize("server", ["embedded"], indirect=True)

FUZZ = settings(
    max_examples=300,
    deadline=None,
    print_blob=True,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 70), 1 << 70) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
TYPES = ["latency", "bandwidth", "slow_close", "timeout", "reset_peer", "slicer", "limit_data", "noop"]
KEYS = ["latency", "jitter", "rate", "delay", "timeout", "average_size", "size_variation", "bytes"]
EXTREMES = st.sampled_from([0, -1, 1, 2, 1 << 31, 1 << 62, (1 << 63) - 1, -(1 << 63)])


@pytest.fixture
def process(server):
    """The server's process, as the system sees it."""
    return psutil.Process(server.process.pid)


def alive(api):
    return api.get("/version", timeout=5).status == 200


# garbage


@FUZZ
@given(body=st.one_of(VALUES.map(json.dumps), st.binary(max_size=200)), seed=st.integers(0, 9))
def test_garbage_is_answered_and_nothing_breaks(server, body, seed):
    api = server.api
    paths = ["/proxies", "/populate", "/proxies/p", "/proxies/p/toxics", "/proxies/p/toxics/t"]
    assert api.post("/proxies", {"name": "p", "upstream": "x:1", "enabled": False}).status in (201, 409)
    assert api.post("/proxies/p/toxics", {"name": "t", "type": "slicer"}).status in (200, 409)
    reply = api.ask(["POST", "PATCH"][seed % 2], paths[seed % 5], body)
    assert reply.status in (200, 201, 204, 400, 404, 405, 409), reply
    assert alive(api)


@FUZZ
@given(
    raw=st.binary(max_size=300),
    head=st.sampled_from([b"", b"GET ", b"POST /proxies HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: localhost\r\n"]),
)
def test_what_is_not_http_harms_nobody(server, raw, head):
    with socket.create_connection(server.api.address, 5) as sock:
        sock.sendall(head + raw + b"\r\n\r\n")
    assert alive(server.api)


@FUZZ
@given(
    kind=st.sampled_from(TYPES),
    attributes=st.dictionaries(st.sampled_from(KEYS), EXTREMES | st.integers(-100, 100), max_size=3),
    toxicity=st.sampled_from([0, 0.5, 1, 5, -1]),
    stream=st.sampled_from(["upstream", "downstream"]),
)
def test_any_attributes_under_traffic_leave_the_server_well(server, kind, attributes, toxicity, stream):
    """Whatever is accepted must bear data passing through it, and must be removable."""
    api = server.api
    api.clear()
    with socket.create_server(("127.0.0.1", 0)) as target:
        target.settimeout(5)
        listen = api.post(
            "/proxies", {"name": "p", "listen": "127.0.0.1:0", "upstream": f"127.0.0.1:{target.getsockname()[1]}"}
        )
        body = {"name": "t", "type": kind, "attributes": attributes, "toxicity": toxicity, "stream": stream}
        assert api.post("/proxies/p/toxics", body).status in (200, 400)
        with socket.create_connection(("127.0.0.1", int(listen.json["listen"].rpartition(":")[2])), 5) as client:
            peer, _ = target.accept()
            with peer:
                for sock in (client, peer):
                    try:
                        sock.sendall(b"x" * 5000)
                    except OSError:
                        pass  # the toxic may have ended the connection
                assert api.patch("/proxies/p/toxics/t", {"attributes": attributes}).status in (200, 400, 404)
                assert api.delete("/proxies/p/toxics/t").status in (204, 404)
    assert alive(api)


# changes under load


class Echo(threading.Thread):
    """Megabytes there and back over one connection, compared by their hash."""

    def __init__(self, client, stop):
        super().__init__(daemon=True)
        self.client, self.stop = client, stop
        self.sent, self.got = hashlib.sha256(), hashlib.sha256()
        self.size, self.error = 0, None

    def run(self):
        chance = random.Random(id(self))
        try:
            while not self.stop.is_set():
                piece = chance.randbytes(chance.randint(1, 20_000))
                self.sent.update(piece)
                sender = threading.Thread(target=self.client.sendall, args=(piece,))
                sender.start()
                left = len(piece)
                while left and (part := self.client.recv(left)):
                    self.got.update(part)
                    left -= len(part)
                sender.join()
                self.size += len(piece)
        except OSError as error:
            self.error = error


GENTLE = {
    "noop": {},
    "latency": {"latency": 3, "jitter": 2},
    "bandwidth": {"rate": 50_000},
    "slicer": {"average_size": 700, "size_variation": 300, "delay": 5},
    "slow_close": {"delay": 10},
    "limit_data": {"bytes": 1 << 50},
}


def meddle(api, path, number, stop, refused):
    """Add, change and remove toxics of our own number without a pause."""
    chance = random.Random(number)
    while not stop.is_set():
        kind = chance.choice(list(GENTLE))
        body = {
            "name": f"t{number}",
            "type": kind,
            "attributes": GENTLE[kind],
            "stream": chance.choice(["upstream", "downstream"]),
        }
        toxic = f"{path}/toxics/t{number}"
        for reply in (
            api.post(f"{path}/toxics", body),
            api.patch(toxic, {"toxicity": chance.random()}),
            api.delete(toxic),
        ):
            if reply.status not in (200, 204):
                refused.append(reply)


def test_many_hands_on_the_toxics_of_busy_connections_lose_no_byte(api, link):
    proxy = link(echo=True)
    stop, refused = threading.Event(), []
    clients = [proxy.dial() for _ in range(6)]
    for client in clients:
        client.settimeout(20)
    echoes = [Echo(client, stop) for client in clients]
    hands = [threading.Thread(target=meddle, args=(api, proxy.path, number, stop, refused)) for number in range(4)]
    for thread in [*echoes, *hands]:
        thread.start()
    time.sleep(5)
    stop.set()
    for thread in [*hands, *echoes]:
        thread.join(30)
    assert not any(thread.is_alive() for thread in [*hands, *echoes])
    assert refused == []
    assert [echo.error for echo in echoes] == [None] * 6
    assert all(echo.sent.digest() == echo.got.digest() for echo in echoes)
    assert min(echo.size for echo in echoes) > 20_000
    assert api.get(f"{proxy.path}/toxics").text == "[]"


def test_switching_off_and_on_under_load(api, link):
    proxy = link(echo=True)
    stop = threading.Event()

    def call():
        while not stop.is_set():
            try:
                with socket.create_connection(("127.0.0.1", proxy.port), 2) as client:
                    client.sendall(b"x" * 1000)
                    client.recv(10)
            except OSError:
                pass  # switched off just now

    callers = [threading.Thread(target=call) for _ in range(4)]
    for caller in callers:
        caller.start()
    for _ in range(30):
        for on in (False, True):
            reply = api.patch(proxy.path, {"enabled": on})
            assert (reply.status, reply.json["enabled"]) == (200, on)
    stop.set()
    for caller in callers:
        caller.join(10)
    client = proxy.dial()
    client.sendall(b"well")
    client.settimeout(5)
    assert client.recv(4) == b"well"


# churn and floods


def open_connections(api, name):
    lines = api.get("/metrics").text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines
               if line.startswith("toxiproxy_proxy_connections{") and f'proxy="{name}"' in line)  # fmt: skip


def leave(client, way, wire):
    """The ways in which people hang up."""
    if way == 0:
        wire.reset(client)
    elif way == 1:
        client.shutdown(socket.SHUT_WR)
        client.close()
    elif way == 2:
        client.sendall(b"x" * 3000)
        wire.reset(client)
    else:
        client.close()


@pytest.mark.parametrize("kind", [None, "latency", "timeout", "reset_peer", "slow_close"])
def test_churn_leaves_nothing_behind(api, link, wire, process, kind):
    proxy = link(echo=True)
    if kind:
        proxy.toxic(
            kind,
            **({"latency": 20} if kind == "latency" else {"delay": 20} if kind == "slow_close" else {"timeout": 20}),
        )
    before = process.num_fds()
    for number in range(600):
        leave(proxy.dial(), number % 4, wire)
    assert wire.until(lambda: open_connections(api, proxy.name) == 0), open_connections(api, proxy.name)
    assert wire.until(lambda: process.num_fds() <= before + 3), (before, process.num_fds())


def test_a_thousand_connections_under_the_usual_limit_of_files(start_server, link, wire):
    """The soft limit of open files is 1,024 on most machines; two a connection are needed, so the server lifts it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 4096:
        pytest.skip("the hard limit of open files is below 4,096 on this machine")
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard))
    try:
        running = start_server("embedded")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        proxy = link(on=running.api)
        pairs = [proxy.open() for _ in range(1000)]
        for number, (client, _) in enumerate(pairs):
            client.sendall(b"%04d" % number)
        for number, (_, peer) in enumerate(pairs):
            assert wire.read(peer, 4) == b"%04d" % number
        proxy.toxic("limit_data", bytes=1)
        for client, peer in pairs:
            peer.sendall(b"xy")
            assert wire.rest(client)[0] == b"x"
            client.close()
            peer.close()
    finally:
        running.stop()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_fault_can_be_taken_out_when_the_files_are_used_up(own_server, link, wire):
    """More clients than descriptors: some are turned away, but the way back is never closed."""
    running = own_server()
    psutil.Process(running.process.pid).rlimit(psutil.RLIMIT_NOFILE, (128, 128))
    proxy = link(on=running.api)
    proxy.toxic("timeout", "t", timeout=0)
    clients = [proxy.dial() for _ in range(150)]
    assert wire.until(lambda: any(not wire.silent(client, 0.01) for client in clients))  # it has come to its limit
    for _ in range(5):
        assert running.api.get("/proxies").status == 200
    proxy.remove("t")
    proxy.enable(False)
    assert wire.until(lambda: all(not wire.silent(client, 0.01) for client in clients))


@pytest.mark.parametrize("kind", [None, "bandwidth", "slicer"])
def test_readers_that_never_read_cost_little_memory(api, link, process, kind):
    proxy = link()
    if kind:
        proxy.toxic(kind, **({"rate": 1_000_000} if kind == "bandwidth" else {"average_size": 1000}))
    before = process.memory_info().rss
    pairs = [proxy.open() for _ in range(20)]
    for _, peer in pairs:
        peer.settimeout(0.05)
        try:
            while True:
                peer.send(b"z" * 65536)
        except TimeoutError:
            pass  # every buffer on the way is full
    grown = (process.memory_info().rss - before) / 1024 / 1024
    assert grown < 200, f"{grown:.0f} MiB for 20 readers that do not read"
    assert api.get("/proxies", timeout=5).status == 200


def test_toxics_that_come_and_go_before_a_reader_that_never_reads_hold_a_bounded_heap(link):
    """What one held goes to the receiver when it is removed; the next must not take as much again."""
    proxy = link()
    _, peer = proxy.open()
    peer.settimeout(0.2)
    sent = 0
    for _ in range(8):
        proxy.toxic("latency", "t", latency=60_000)
        try:
            while True:
                sent += peer.send(b"z" * 65536)
        except TimeoutError:
            pass  # every buffer on the way is full
        proxy.remove("t")
    assert sent < 80 << 20, f"{sent >> 20} MiB taken for one that reads nothing"


def test_a_long_latency_holds_a_bounded_heap(link, process):
    proxy = link()
    proxy.toxic("latency", latency=60_000)
    before = process.memory_info().rss
    _, peer = proxy.open()
    peer.settimeout(1)
    sent = 0
    try:
        while sent < 200 << 20:
            sent += peer.send(b"z" * 65536)
    except TimeoutError:
        pass  # the toxic holds at most 1,024 chunks of 32 KiB, as the original
    assert sent < 100 << 20
    assert process.memory_info().rss - before < 150 << 20


def test_a_populate_of_thousands_in_megabytes(api):
    entries = [{"name": f"{number:04}-{'x' * 500}", "upstream": "x:1", "enabled": False} for number in range(3000)]
    assert len(json.dumps(entries)) > 1 << 20  # more than some servers take
    reply = api.post("/populate", entries)
    assert (reply.status, len(reply.json["proxies"])) == (201, 3000)
    assert list(api.get("/proxies").json) == sorted(entry["name"] for entry in entries)


def test_a_hundred_proxies_listening(api, upstream):
    target = upstream()
    entries = [{"name": f"p{number}", "listen": "127.0.0.1:0", "upstream": target.address} for number in range(100)]
    ports = {proxy["listen"] for proxy in api.post("/populate", entries).json["proxies"]}
    assert len(ports) == 100
    assert api.post("/reset").status == 204


def test_many_callers_of_the_api_at_once(api):
    failed = []

    def call(number):
        for turn in range(25):
            name = f"p{number}-{turn % 5}"
            for reply, wanted in (
                (api.post("/proxies", {"name": name, "listen": "127.0.0.1:0", "upstream": "x:1"}), 201),
                (api.post(f"/proxies/{name}/toxics", {"type": "latency"}), 200),
                (api.get("/proxies"), 200),
                (api.delete(f"/proxies/{name}"), 204),
            ):
                if reply.status != wanted:
                    failed.append(reply)

    callers = [threading.Thread(target=call, args=(number,)) for number in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(30)
    assert failed == []
    assert api.get("/proxies").text == "{}"


def test_one_slow_caller_holds_up_no_other(api):
    with socket.create_connection(api.address, 5) as slow:
        slow.sendall(b"POST /proxies HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{")
        assert alive(api)
