"""What Prometheus sees."""

import asyncio

from prometheus_client.parser import text_string_to_metric_families

from chaoslib_ext.proxy.metrics import exposition


def samples(server, accept="text/plain"):
    body, content_type = exposition(server)(accept)
    assert content_type.startswith("text/plain")
    families = text_string_to_metric_families(body.decode())
    return {(sample.name, sample.labels.get("direction")): sample for family in families for sample in family.samples}


async def test_counters_and_the_gauge_are_read_when_asked(server, linked):
    linked.client_out.write(b"x" * 10)
    await asyncio.wait_for(linked.peer.readexactly(10), 20)
    seen = samples(server)
    received = seen["toxiproxy_proxy_received_bytes_total", "upstream"]
    assert received.value == 10
    assert received.labels == {
        "direction": "upstream",
        "proxy": "p",
        "listener": linked.proxy.listen,
        "upstream": linked.proxy.upstream,
    }
    assert seen["toxiproxy_proxy_sent_bytes_total", "upstream"].value == 10
    assert seen["toxiproxy_proxy_connections", None].value == 1
    assert not any("created" in name for name, _ in seen)


async def test_a_counter_outlives_its_proxy_and_the_gauge_does_not(server, linked):
    linked.client_out.write(b"x")
    await asyncio.wait_for(linked.peer.readexactly(1), 20)
    server.delete("p")
    seen = samples(server)
    assert seen["toxiproxy_proxy_received_bytes_total", "upstream"].value == 1
    assert ("toxiproxy_proxy_connections", None) not in seen
