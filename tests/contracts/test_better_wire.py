"""Where the original fails on the wire and the embedded server does not: see DIFFERENCES in test_better.py."""

import socket
import time

import pytest

pytestmark = pytest.mark.parametrize("server", ["embedded"], indirect=True)


def quickly(ask, limit=2.0):
    """The answer of a call that must not wait for anybody."""
    start = time.monotonic()
    reply = ask()
    assert time.monotonic() - start < limit
    return reply


# a receiver that does not read blocks no API call


def stuff(sock, patience=0.3):
    """Send until nothing more goes through: every buffer on the way is full."""
    sock.settimeout(patience)
    total = 0
    try:
        while total < 1 << 28:
            total += sock.send(b"z" * 65536)
    except TimeoutError:
        return total
    raise AssertionError("the proxy swallowed 256 MiB that nobody read: it has no back-pressure")


@pytest.mark.parametrize("kind", [None, "latency", "bandwidth", "slicer", "limit_data", "slow_close"])
def test_a_receiver_that_does_not_read_blocks_no_api_call(api, link, wire, kind):
    attributes = {"bandwidth": {"rate": 1_000_000}, "slicer": {"average_size": 1000},
                  "limit_data": {"bytes": 1 << 40}}.get(kind or "", {})  # fmt: skip
    proxy = link()
    if kind:
        proxy.toxic(kind, "first", **attributes)
    client, peer = proxy.open()
    sent = stuff(peer)
    toxics = f"{proxy.path}/toxics"
    assert quickly(lambda: api.get("/proxies")).status == 200
    assert quickly(lambda: api.post(toxics, {"type": "latency", "name": "t"})).status == 200
    assert quickly(lambda: api.patch(f"{toxics}/t", {"attributes": {"latency": 1}})).status == 200
    assert quickly(lambda: api.delete(f"{toxics}/t")).status == 204
    if kind:
        assert quickly(lambda: api.delete(f"{toxics}/first")).status == 204
    other, other_peer = proxy.open()  # others flow
    other_peer.sendall(b"flows")
    assert wire.read(other, 5) == b"flows"
    peer.close()
    got, _ = wire.rest(client)  # and nothing of it was lost
    assert len(got) == sent


def test_a_flood_from_the_first_moment_meets_back_pressure(link):
    proxy = link()
    for _ in range(12):
        _, peer = proxy.open()
        assert stuff(peer, 0.1) < 64 << 20


def test_disabling_does_not_wait_for_a_receiver_that_does_not_read(api, link, wire):
    proxy = link()
    client, peer = proxy.open()
    stuff(peer)
    assert quickly(lambda: api.patch(proxy.path, {"enabled": False})).json["enabled"] is False
    assert quickly(lambda: api.delete(proxy.path)).status == 204
    wire.rest(client)
    assert wire.ending(peer) in ("eof", "reset")


# half-close passes on


@pytest.mark.parametrize("kind", [None, "noop", "latency", "bandwidth", "slicer", "limit_data", "slow_close"])
def test_a_client_s_half_close_leaves_the_answer_open(link, wire, kind):
    proxy = link()
    if kind:
        attributes = {"latency": {"latency": 30}, "bandwidth": {"rate": 1000}, "slicer": {"average_size": 100},
                      "limit_data": {"bytes": 1 << 30}}.get(kind, {})  # fmt: skip
        proxy.toxic(kind, stream="upstream", **attributes)
        proxy.toxic(kind, stream="downstream", **attributes)
    client, peer = proxy.open()
    client.sendall(b"request")
    client.shutdown(socket.SHUT_WR)
    assert wire.rest(peer) == (b"request", "eof")
    peer.sendall(b"the whole answer" * 100)
    peer.close()
    assert wire.rest(client) == (b"the whole answer" * 100, "eof")


def test_an_upstream_s_half_close_leaves_the_request_open(link, wire):
    client, peer = link().open()
    peer.sendall(b"bye")
    peer.shutdown(socket.SHUT_WR)
    assert wire.rest(client) == (b"bye", "eof")
    client.sendall(b"still talking")
    assert wire.read(peer, 13) == b"still talking"
    client.close()
    assert wire.ending(peer) == "eof"


# a hanging dial blocks nobody


@pytest.fixture
def deaf():
    """An upstream whose queue is full, so that the kernel answers no more connects."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    waiting = []
    for _ in range(4):
        sock = socket.socket()
        sock.setblocking(False)
        sock.connect_ex(listener.getsockname())
        waiting.append(sock)
    time.sleep(0.2)
    yield f"127.0.0.1:{listener.getsockname()[1]}"
    for sock in [*waiting, listener]:
        sock.close()


@pytest.mark.parametrize("how", ["disable", "delete", "toxic", "update"])
def test_a_hanging_dial_blocks_nobody(api, link, upstream, wire, deaf, how):
    proxy = link()
    api.patch(proxy.path, {"upstream": deaf})
    hanging = [proxy.dial() for _ in range(3)]
    assert wire.silent(hanging[0], 0.3)
    if how == "toxic":
        proxy.toxic("latency", latency=1)
        assert quickly(lambda: api.get("/proxies")).status == 200
        assert wire.silent(hanging[0], 0.1)
        return
    second = upstream()
    if how == "update":
        assert quickly(lambda: api.patch(proxy.path, {"upstream": second.address})).status == 200
        client = proxy.dial()
        client.sendall(b"well")
        assert wire.read(second.accept(), 4) == b"well"
    elif how == "disable":
        assert quickly(lambda: api.patch(proxy.path, {"enabled": False})).json["enabled"] is False
    else:
        assert quickly(lambda: api.delete(proxy.path)).status == 204
    for client in hanging:
        assert wire.rest(client)[0] == b""


def test_a_client_that_leaves_during_the_dial_is_let_go(api, link, wire, deaf):
    proxy = link()
    api.patch(proxy.path, {"upstream": deaf})
    client = proxy.dial()
    client.sendall(b"into the void")
    wire.reset(client)
    assert quickly(lambda: api.delete(proxy.path)).status == 204


# a timeout fires under traffic


@pytest.mark.parametrize("stream", ["upstream", "downstream"])
def test_a_timeout_fires_under_steady_traffic(link, wire, stream):
    proxy = link()
    proxy.toxic("timeout", stream=stream, timeout=400)
    start = wire.now()
    client, peer = proxy.open()
    sender, receiver = (client, peer) if stream == "upstream" else (peer, client)
    ended = False
    while not ended and wire.now() - start < 5:
        try:
            sender.sendall(b"tick")
        except OSError:
            break
        ended = not wire.silent(receiver, 0.02)
    assert 0.390 <= wire.now() - start < 2.0
    assert wire.rest(receiver)[0] == b""


# toxicity 0 does nothing


@pytest.mark.parametrize("stream", ["upstream", "downstream"])
def test_reset_peer_at_toxicity_0_resets_nobody(link, wire, stream):
    proxy = link()
    proxy.toxic("reset_peer", stream=stream, toxicity=0, timeout=0)
    client, peer = proxy.open()
    client.sendall(b"there")
    assert wire.read(peer, 5) == b"there"
    peer.sendall(b"and back")
    peer.close()
    assert wire.rest(client) == (b"and back", "eof")
    client, peer = proxy.open()
    client.close()
    assert wire.rest(peer) == (b"", "eof")


def test_removing_a_timeout_at_toxicity_0_closes_nothing(link, wire):
    proxy = link()
    proxy.toxic("timeout", "t", toxicity=0, timeout=0)
    client, peer = proxy.open()
    proxy.remove("t")
    peer.sendall(b"free")
    assert wire.read(client, 4) == b"free"


# reset_peer resets open connections too


@pytest.mark.parametrize("stream", ["upstream", "downstream"])
def test_reset_peer_added_to_an_open_connection_resets_both_ends(link, wire, stream):
    proxy = link()
    client, peer = proxy.open()
    proxy.toxic("reset_peer", stream=stream, timeout=0)
    sender, receiver = (client, peer) if stream == "upstream" else (peer, client)
    sender.sendall(b"dropped")
    assert wire.rest(receiver) == (b"", "reset")
    assert wire.rest(sender) == (b"", "reset")


def test_after_reset_peer_is_gone_open_connections_end_as_ever(link, wire):
    proxy = link()
    proxy.toxic("reset_peer", "t", timeout=0)
    client, peer = proxy.open()
    proxy.remove("t")
    peer.sendall(b"well")
    peer.close()
    assert wire.rest(client) == (b"well", "eof")


# a reset that was taken back does not come


@pytest.mark.parametrize("how", ["remove", "reset"])
def test_a_reset_that_was_taken_back_does_not_come(api, link, wire, how):
    proxy = link()
    proxy.toxic("reset_peer", "t", timeout=2000)
    client, peer = proxy.open()
    peer.sendall(b"one ")
    assert wire.silent(client, 0.1)
    reply = quickly(lambda: api.delete(f"{proxy.path}/toxics/t") if how == "remove" else api.post("/reset"), 1.8)
    assert reply.status == 204
    time.sleep(2)
    peer.sendall(b"two")
    peer.close()
    assert wire.rest(client) == (b"one two", "eof")


def test_an_update_brings_the_reset_forward(link, wire):
    proxy = link()
    proxy.toxic("reset_peer", "t", timeout=20_000)
    client, peer = proxy.open()
    peer.sendall(b"dropped")
    assert wire.silent(client, 0.1)
    proxy.update("t", timeout=0)
    assert wire.rest(client, timeout=5) == (b"", "reset")


# a toxic does not mind its neighbours


@pytest.mark.parametrize("change", ["add", "remove"])
def test_a_neighbour_s_coming_and_going_hurries_nothing(link, wire, change):
    proxy = link()
    proxy.toxic("latency", "t", latency=500)
    if change == "remove":
        proxy.toxic("noop", "n")
    client, peer = proxy.open()
    start = wire.now()
    peer.sendall(b"held")
    time.sleep(0.1)
    if change == "add":
        proxy.toxic("noop", "n")
    else:
        proxy.remove("n")
    assert wire.read(client, 4) == b"held"
    assert wire.now() - start >= 0.5
