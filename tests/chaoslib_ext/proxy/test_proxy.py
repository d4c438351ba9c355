"""One proxy: accepting, stopping, starting again."""

import asyncio
import errno
import socket

from chaoslib_ext.proxy.bodies import ProxyBody
from chaoslib_ext.proxy.placed import Placed
from chaoslib_ext.proxy.toxics.latency import Latency
from chaoslib_ext.proxy.toxics.noop import Noop

PATIENCE = 20


async def test_a_disabled_proxy_closes_both_sockets_and_its_port_is_free_at_once(server, linked):
    listen = linked.proxy.listen
    await server.update("p", {"enabled": False})
    for side in (linked.client, linked.peer):
        try:
            assert await asyncio.wait_for(side.read(), PATIENCE) == b""
        except ConnectionResetError:
            pass
    await server.update("p", {"enabled": True})
    assert linked.proxy.listen == listen


async def test_hundreds_of_connections_at_once(server):
    peers: list[asyncio.StreamWriter] = []

    def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peers.append(writer)
        writer.write(b"hi")

    upstream = await asyncio.start_server(greet, "127.0.0.1", 0, backlog=1024)
    host, port = upstream.sockets[0].getsockname()
    proxy = await server.create(ProxyBody("p", f"{host}:{port}", "127.0.0.1:0"))
    address = proxy.listen.split(":")
    async with asyncio.timeout(PATIENCE):
        pairs = await asyncio.gather(*(asyncio.open_connection(*address) for _ in range(300)))
        assert await asyncio.gather(*(reader.readexactly(2) for reader, _ in pairs)) == [b"hi"] * 300
    assert len(proxy.connections) == 300
    upstream.close()
    for writer in [*peers, *(writer for _, writer in pairs)]:
        writer.close()
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(writer.wait_closed() for _, writer in pairs))


async def test_out_of_file_descriptors_it_waits_and_goes_on(linked, caplog):
    proxy = linked.proxy
    real = proxy._listener

    class Exhausted:
        def accept(self):
            proxy._listener = real
            raise OSError(errno.EMFILE, "Too many open files")

        def fileno(self):
            return real.fileno()

    proxy._listener = Exhausted()
    with socket.create_connection(tuple(proxy.listen.split(":")), PATIENCE):
        async with asyncio.timeout(PATIENCE):
            while len(proxy.connections) < 2:
                await asyncio.sleep(0.02)


async def test_toxics_are_shown_upstream_first_each_in_the_order_of_the_chain(linked):
    for name, stream in (("a", "downstream"), ("b", "Upstream"), ("c", "downstream"), ("d", "upstream")):
        linked.proxy.add(Placed(name, "noop", stream, Noop()))
    shown = linked.proxy.as_json()["toxics"]
    assert [toxic["name"] for toxic in shown] == ["b", "d", "a", "c"]
    assert shown[0]["stream"] == "Upstream"


async def test_a_toxic_bites_open_connections_at_once(linked):
    placed = Placed("t", "latency", "upstream", Latency(latency=60_000))
    linked.proxy.add(placed)
    linked.client_out.write(b"held")
    linked.proxy.update(placed, Latency(), 1.0)
    linked.client_out.write(b", now free")
    assert await asyncio.wait_for(linked.peer.readexactly(14), PATIENCE) == b"held, now free"
