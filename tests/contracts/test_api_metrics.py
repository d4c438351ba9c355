"""/metrics: there only when asked for; bytes counted by direction, proxy, listener and upstream."""

import re

import pytest


def samples(api, metric):
    """{labels: value} of one metric."""
    found = {}
    for line in api.get("/metrics").text.splitlines():
        match = re.fullmatch(r"(\w+)\{(.*)\} ([0-9.e+-]+)", line)
        if match and match[1] == metric:
            found[tuple(sorted(re.findall(r'(\w+)="([^"]*)"', match[2])))] = float(match[3])
    return found


def labels(proxy, direction):
    return tuple(
        sorted(
            {
                "direction": direction,
                "listener": proxy.listen,
                "proxy": proxy.name,
                "upstream": proxy.upstream.address,
            }.items()
        )
    )


def test_without_the_flag_there_is_no_such_path(own_server):
    reply = own_server().api.get("/metrics")
    assert (reply.status, reply.text) == (404, "404 page not found\n")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_any_method_is_answered(api, method):
    reply = api.ask(method, "/metrics")
    assert reply.status == 200
    assert reply.header("Content-Type").startswith("text/plain; version=0.0.4; charset=utf-8")
    assert reply.header("X-Toxiproxy-Request-Id")


def test_browsers_are_turned_away_here_too(api):
    assert api.get("/metrics", User_Agent="Mozilla/5.0").status == 403


def test_bytes_are_counted_in_each_direction(api, link, wire):
    proxy = link(name="counted")
    client, peer = proxy.open()
    client.sendall(b"x" * 1000)
    assert len(wire.read(peer, 1000)) == 1000
    peer.sendall(b"y" * 300)
    assert len(wire.read(client, 300)) == 300
    client.close()
    peer.close()

    def seen():
        received = samples(api, "toxiproxy_proxy_received_bytes_total")
        sent = samples(api, "toxiproxy_proxy_sent_bytes_total")
        return [received.get(labels(proxy, way)) for way in ("upstream", "downstream")] + [
            sent.get(labels(proxy, "upstream"))
        ]

    assert wire.until(lambda: seen() == [1000, 300, 1000]), seen()


def test_the_help_and_type_lines(api, link, wire):
    client, peer = link(name="typed").open()
    client.sendall(b"x")
    assert wire.read(peer, 1) == b"x"
    client.close()

    def text():
        return api.get("/metrics").text

    assert wire.until(lambda: "# TYPE toxiproxy_proxy_received_bytes_total counter" in text())
    assert wire.until(lambda: "# TYPE toxiproxy_proxy_sent_bytes_total counter" in text())
    assert "_created" not in text()
