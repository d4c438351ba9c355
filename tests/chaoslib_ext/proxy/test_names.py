"""Looking up names, when the one who knows them does not answer."""

import asyncio
import socket
import threading

import pytest

from chaoslib_ext.proxy.bodies import ProxyBody
from chaoslib_ext.proxy.names import addresses

PATIENCE = 20


@pytest.fixture
def lame(monkeypatch):
    """A name server that does not answer for *.lame before it is told to; the names it was asked for."""
    told, asked, real = threading.Event(), [], socket.getaddrinfo

    def look_up(host, *rest, **more):
        if str(host).endswith(".lame"):
            asked.append(host)
            assert told.wait(PATIENCE)
            raise socket.gaierror("no answer")
        return real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    yield asked
    told.set()


async def dialled(proxy):
    return await asyncio.wait_for(asyncio.open_connection(*proxy.listen.split(":")), PATIENCE)


async def until(holds):
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.01)


async def test_names_without_an_answer_hold_up_no_other(server, lame):
    """More of them than any pool has threads."""
    upstream = await asyncio.start_server(lambda _, writer: writer.write(b"there"), "127.0.0.1", 0)
    writers = []
    for number in range(50):
        proxy = await server.create(ProxyBody(f"p{number}", f"host{number}.lame:80", "127.0.0.1:0"))
        writers.append((await dialled(proxy))[1])
    await until(lambda: len(lame) == 50)
    well = await server.create(ProxyBody("well", f"localhost:{upstream.sockets[0].getsockname()[1]}", "127.0.0.1:0"))
    reader, writer = await dialled(well)
    assert await asyncio.wait_for(reader.readexactly(5), PATIENCE) == b"there"
    for one in [writer, *writers]:
        one.close()
    upstream.close()


async def test_who_asks_for_the_same_name_shares_the_answer(server, lame):
    proxy = await server.create(ProxyBody("p", "one.lame:80", "127.0.0.1:0"))
    writers = [(await dialled(proxy))[1] for _ in range(20)]
    await until(lambda: len(proxy.connections) == 20 and lame)
    for writer in writers:
        writer.close()
    server.delete("p")  # those who no longer want to know end nothing for the next
    again = await server.create(ProxyBody("p", "one.lame:80", "127.0.0.1:0"))
    (await dialled(again))[1].close()
    await until(lambda: again.connections)
    assert lame == ["one.lame"]


async def test_without_a_thread_to_look_up_the_next_may_have_one(monkeypatch):
    def refuse(_thread):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        with pytest.raises(OSError, match="new thread"):
            await addresses("localhost", "80")
    assert ("127.0.0.1", 80) in await addresses("localhost", "80")
