"""Connections through a proxy without toxics: bytes, ends, resets, and what switching the proxy does to them."""

import os
import socket
import threading

import pytest


def test_bytes_go_both_ways(link, wire):
    client, peer = link().open()
    client.sendall(b"ping")
    assert wire.read(peer, 4) == b"ping"
    peer.sendall(b"pong")
    assert wire.read(client, 4) == b"pong"


def test_the_upstream_may_speak_first(link, wire):
    client, peer = link().open()
    peer.sendall(b"220 hello\r\n")
    assert wire.read(client, 11) == b"220 hello\r\n"


def test_what_is_sent_before_the_upstream_is_up_arrives(link, wire):
    proxy = link()
    client = proxy.dial()
    client.sendall(b"early")
    assert wire.read(proxy.upstream.accept(), 5) == b"early"


@pytest.mark.parametrize("size", [1, 1460, 32 * 1024, 32 * 1024 + 1, 5_000_003])
def test_every_byte_in_order_both_ways_at_once(link, wire, size):
    client, peer = link().open()
    there, back = os.urandom(size), os.urandom(size)
    senders = [threading.Thread(target=sock.sendall, args=(data,)) for sock, data in ((client, there), (peer, back))]
    readers: dict[str, bytes] = {}
    reading = [
        threading.Thread(target=lambda: readers.update(there=wire.read(peer, size))),
        threading.Thread(target=lambda: readers.update(back=wire.read(client, size))),
    ]
    for thread in [*senders, *reading]:
        thread.start()
    for thread in [*senders, *reading]:
        thread.join(30)
    assert readers["there"] == there
    assert readers["back"] == back


def test_connections_do_not_mix(link, wire):
    proxy = link()
    pairs = [proxy.open() for _ in range(20)]
    for number, (client, _) in enumerate(pairs):
        client.sendall(b"%03d" % number)
    for number, (_, peer) in enumerate(pairs):
        assert wire.read(peer, 3) == b"%03d" % number


def test_the_client_s_end_reaches_the_upstream_with_all_data_before_it(link, wire):
    client, peer = link().open()
    client.sendall(b"x" * 100_000)
    client.close()
    assert wire.rest(peer) == (b"x" * 100_000, "eof")


def test_the_upstream_s_end_reaches_the_client_with_all_data_before_it(link, wire):
    client, peer = link().open()
    peer.sendall(b"y" * 100_000)
    peer.close()
    assert wire.rest(client) == (b"y" * 100_000, "eof")


def test_a_reset_by_the_client_ends_the_upstream(link, wire):
    client, peer = link().open()
    client.sendall(b"hello")
    assert wire.read(peer, 5) == b"hello"
    wire.reset(client)
    assert wire.ending(peer) in ("eof", "reset")


def test_a_reset_by_the_upstream_ends_the_client(link, wire):
    client, peer = link().open()
    peer.sendall(b"hello")
    assert wire.read(client, 5) == b"hello"
    wire.reset(peer)
    assert wire.ending(client) in ("eof", "reset")


def test_a_refusing_upstream_accepts_then_closes(api, link, wire):
    proxy = link()
    proxy.upstream.close()
    assert wire.rest(proxy.dial()) == (b"", "eof")
    assert api.get(proxy.path).json["enabled"] is True


def test_an_unresolvable_upstream_accepts_then_closes(api, link, wire):
    proxy = link()
    api.patch(proxy.path, {"upstream": "no such place"})
    assert wire.rest(proxy.dial()) == (b"", "eof")


def test_after_a_refused_upstream_the_next_connection_works(link, upstream, wire, api):
    proxy = link()
    proxy.upstream.close()
    assert wire.rest(proxy.dial()) == (b"", "eof")
    second = upstream()
    api.patch(proxy.path, {"upstream": second.address})
    client = proxy.dial()
    client.sendall(b"again")
    assert wire.read(second.accept(), 5) == b"again"


def test_ipv6_on_both_sides(api, upstream, wire):
    target = upstream("::1")
    listen = api.post("/proxies", {"name": "six", "listen": "[::1]:0", "upstream": target.address}).json["listen"]
    with socket.create_connection(("::1", int(listen.rpartition(":")[2])), 5) as client:
        peer = target.accept()
        client.sendall(b"six")
        assert wire.read(peer, 3) == b"six"


def test_a_host_name_as_upstream(api, link, wire):
    proxy = link()
    api.patch(proxy.path, {"upstream": f"localhost:{proxy.upstream.port}"})
    client, peer = proxy.open()
    client.sendall(b"name")
    assert wire.read(peer, 4) == b"name"


def test_a_proxy_of_a_proxy(api, link, wire):
    inner = link(name="inner")
    outer = api.post("/proxies", {"name": "outer", "listen": "127.0.0.1:0", "upstream": inner.listen}).json
    with socket.create_connection(("127.0.0.1", int(outer["listen"].rpartition(":")[2])), 5) as client:
        peer = inner.upstream.accept()
        client.sendall(b"through two")
        assert wire.read(peer, 11) == b"through two"


def closed(wire, *socks):
    return all(wire.rest(sock)[0] == b"" for sock in socks)


def refuses(proxy):
    try:
        proxy.dial()
    except ConnectionRefusedError:
        return True
    return False


@pytest.mark.parametrize("how", ["disable", "delete"])
def test_switching_off_closes_every_connection_and_the_port(api, link, wire, how):
    proxy = link()
    pairs = [proxy.open() for _ in range(5)]
    if how == "disable":
        proxy.enable(False)
    else:
        api.delete(proxy.path)
    assert closed(wire, *(sock for pair in pairs for sock in pair))
    assert refuses(proxy)


def test_switching_off_with_unread_data_may_reset(link, wire):
    proxy = link()
    client, peer = proxy.open()
    proxy.toxic("timeout", timeout=0)
    peer.sendall(b"never read")
    proxy.enable(False)
    assert wire.rest(client)[0] == b""
    assert wire.rest(peer)[0] == b""


def test_switching_on_again_serves_on_the_same_port(link, wire):
    proxy = link()
    for _ in range(3):
        proxy.enable(False)
        assert refuses(proxy)
        proxy.enable(True)
        client, peer = proxy.open()
        client.sendall(b"back")
        assert wire.read(peer, 4) == b"back"


def test_toxics_survive_off_and_on(link, wire):
    proxy = link()
    proxy.toxic("latency", latency=150)
    proxy.enable(False)
    proxy.enable(True)
    client, peer = proxy.open()
    start = wire.now()
    peer.sendall(b"z")
    assert wire.read(client, 1) == b"z"
    assert wire.now() - start >= 0.150


@pytest.mark.parametrize("change", [{}, {"enabled": True}, {"same": True}, {"localhost": True}, {"name": "other"}])
def test_an_update_to_the_same_values_keeps_connections(api, link, wire, change):
    proxy = link()
    client, peer = proxy.open()
    body = {"listen": proxy.listen, "upstream": proxy.upstream.address} if "same" in change else change
    body = {"listen": f"localhost:{proxy.port}"} if "localhost" in change else body
    reply = api.patch(proxy.path, body)
    assert (reply.status, reply.json["listen"]) == (200, proxy.listen)
    client.sendall(b"kept")
    assert wire.read(peer, 4) == b"kept"
    peer.sendall(b"both ways")
    assert wire.read(client, 9) == b"both ways"


def test_a_new_upstream_drops_connections_and_leads_elsewhere(api, link, upstream, wire):
    proxy, second = link(), upstream()
    client, peer = proxy.open()
    assert api.patch(proxy.path, {"upstream": second.address}).json["listen"] == proxy.listen
    assert closed(wire, client, peer)
    client = proxy.dial()
    client.sendall(b"elsewhere")
    assert wire.read(second.accept(), 9) == b"elsewhere"


def test_the_same_upstream_spelt_differently_drops_connections(api, link, wire):
    proxy = link()
    client, peer = proxy.open()
    api.patch(proxy.path, {"upstream": f"localhost:{proxy.upstream.port}"})
    assert closed(wire, client, peer)


def test_a_new_listen_drops_connections(api, link, wire):
    proxy = link()
    client, peer = proxy.open()
    api.patch(proxy.path, {"listen": "127.0.0.1:0"})
    assert closed(wire, client, peer)
    assert refuses(proxy)


def test_other_proxies_are_not_touched(api, link, wire):
    one, two = link(name="one"), link(name="two")
    client, peer = two.open()
    one.enable(False)
    api.delete(one.path)
    client.sendall(b"untouched")
    assert wire.read(peer, 9) == b"untouched"


def test_an_open_connection_does_not_hold_the_port(link, wire):
    proxy = link()
    client, peer = proxy.open()
    peer.sendall(b"a")
    assert wire.read(client, 1) == b"a"
    proxy.enable(False)  # the proxy closes first: its side of the port is in TIME_WAIT now
    proxy.enable(True)
    assert proxy.open()


def test_a_backlog_of_clients_is_served(link):
    proxy = link(echo=True)
    clients = [proxy.dial() for _ in range(200)]
    for number, client in enumerate(clients):
        client.sendall(b"%04d" % number)
    for number, client in enumerate(clients):
        client.settimeout(10)
        assert client.recv(4) == b"%04d" % number
