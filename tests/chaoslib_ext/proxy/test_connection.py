"""One connection, from the dial to the last byte."""

import asyncio
import socket

import pytest

from chaoslib_ext.proxy.bodies import ProxyBody
from chaoslib_ext.proxy.placed import Placed
from chaoslib_ext.proxy.toxics.reset_peer import ResetPeer

PATIENCE = 20


async def gone(proxy):
    async with asyncio.timeout(PATIENCE):
        while proxy.connections:
            await asyncio.sleep(0.01)


async def test_half_close_passes_both_ways_and_the_second_ends_the_connection(linked):
    linked.client_out.write_eof()
    assert await asyncio.wait_for(linked.peer.read(), PATIENCE) == b""
    linked.peer_out.write(b"answer")
    linked.peer_out.write_eof()
    assert await asyncio.wait_for(linked.client.read(), PATIENCE) == b"answer"
    await gone(linked.proxy)


async def test_what_a_vanished_client_had_sent_still_arrives(linked):
    linked.client_out.write(b"last words")
    await linked.client_out.drain()
    linked.client_out.close()
    assert await asyncio.wait_for(linked.peer.read(), PATIENCE) == b"last words"
    linked.peer_out.close()
    await gone(linked.proxy)


async def test_reset_peer_resets_both_ends_of_a_connection_that_was_open_before(linked):
    linked.proxy.add(Placed("t", "reset_peer", "downstream", ResetPeer()))
    linked.peer_out.write(b"x")
    for side in (linked.client, linked.peer):
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(side.read(), PATIENCE)
    assert not linked.proxy.connections


async def test_a_peer_that_vanishes_without_a_word_is_noticed(linked):
    for side in (linked.connection.client, linked.connection.upstream):
        sock = side.transport.get_extra_info("socket")
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 15


@pytest.mark.parametrize(
    "upstream",
    ["127.0.0.1:1", "127.0.0.1:99999", "127.0.0.1:what", "no port", "[::1", ":", "a b:1", "a" * 70 + ":1", "\0:1"],
)
async def test_an_upstream_that_cannot_be_dialled_closes_the_client(server, upstream):
    proxy = await server.create(ProxyBody("p", upstream, "127.0.0.1:0"))
    reader, writer = await asyncio.open_connection(*proxy.listen.split(":"))
    assert await asyncio.wait_for(reader.read(), PATIENCE) == b""
    writer.close()
    await gone(proxy)


async def test_an_upstream_that_talks_before_the_client_is_there_is_stopped_too(server):
    """A pause in connection_made is not honoured by the loops; what came too early must still count."""

    async def blast(_reader, writer):
        try:
            while True:
                writer.write(b"x" * 1_000_000)
                await writer.drain()
        except ConnectionError:
            pass

    upstream = await asyncio.start_server(blast, "127.0.0.1", 0)
    host, port = upstream.sockets[0].getsockname()
    proxy = await server.create(ProxyBody("p", f"{host}:{port}", "127.0.0.1:0"))
    clients = [socket.create_connection(tuple(proxy.listen.split(":")), PATIENCE) for _ in range(10)]
    async with asyncio.timeout(PATIENCE):
        links = []
        while len(links) < 10 or any(link.source.reading for link in links):
            links = [c.links["downstream"] for c in proxy.connections if c.links]
            await asyncio.sleep(0.01)
    before = proxy.traffic["downstream"].received
    await asyncio.sleep(0.2)
    assert proxy.traffic["downstream"].received == before < 10 * 20_000_000
    for client in clients:
        client.close()
    upstream.close()
