"""Taking back: done, gone before, or an error; and never anything that is not ours."""

import socket
from typing import Any

import pytest

from chaoslib_ext.errors import ProxyFailed, ProxyUnreachable, UndoError
from chaoslib_ext.proxy import hold
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.proxy.identity import identity_of
from chaoslib_ext.proxy.undo import UNDOERS

NOWHERE = "127.0.0.1:9"


@pytest.fixture
def client(toxiproxy: str) -> Client:
    client = Client(toxiproxy)
    client.create("web", NOWHERE)
    return client


def args_for(op: str, client: Client) -> dict[str, Any]:
    web = client.proxy("web")
    more = {
        "remove_toxic": {"toxic": "cx-7f3a-latency"},
        "enable_proxy": {"listen": web.listen, "upstream": web.upstream},
        "delete_proxy": {},
        "remove_named_toxic": {"toxic": "slow"},
        "restore_proxy": {"listen": web.listen, "upstream": web.upstream, "enabled": True},
        "release": {"holder": "7f3a2b"},
    }
    return {"server": client.url, "proxy": "web", **more[op]}


def do(op: str, client: Client) -> None:
    if op == "remove_toxic":
        client.add_toxic("web", "latency", name="cx-7f3a-latency")
    elif op == "remove_named_toxic":
        client.add_toxic("web", "latency", name="slow")
    elif op in ("enable_proxy", "restore_proxy"):
        client.update("web", enabled=False)
    elif op == "release":
        hold.take(client, "web", "7f3a2b")


@pytest.mark.parametrize("op", UNDOERS)
def test_taken_back_once_and_read_back(client: Client, op: str) -> None:
    args, undoer = args_for(op, client), UNDOERS[op]
    do(op, client)
    assert undoer.verify(args) is False
    assert undoer.undo(args) == "undone"
    assert undoer.verify(args) is True
    assert undoer.undo(args) == "already gone"


@pytest.mark.parametrize("op", UNDOERS)
def test_gone_with_its_proxy(client: Client, op: str) -> None:
    args = args_for(op, client)
    do(op, client)
    client.delete("web")
    came_back = op == "restore_proxy"  # that it was there is what an action of somebody's took away
    assert UNDOERS[op].undo(args) == ("undone" if came_back else "already gone")
    assert UNDOERS[op].verify(args) is True and ("web" in client.proxies()) is came_back


@pytest.mark.parametrize("op", UNDOERS)
def test_gone_with_its_server(client: Client, op: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        server = f"http://127.0.0.1:{closed.getsockname()[1]}"
    args = {**args_for(op, client), "server": server}
    assert (UNDOERS[op].undo(args), UNDOERS[op].verify(args)) == ("already gone", True)


@pytest.mark.parametrize("op", UNDOERS)
def test_a_server_that_hangs_still_has_it(client: Client, op: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chaoslib_ext.proxy.undo.Client", lambda url: Client(url, timeout=0.2))
    with socket.create_server(("127.0.0.1", 0)) as hung:
        args = {**args_for(op, client), "server": f"http://127.0.0.1:{hung.getsockname()[1]}"}
        for ask in (UNDOERS[op].undo, UNDOERS[op].verify):
            with pytest.raises(ProxyUnreachable, match="does not answer within"):
                ask(args)


def test_only_the_exact_toxic_goes(client: Client) -> None:
    for name in ("cx-7f3a-latency", "cx-7f3a-latency-2", "theirs"):
        client.add_toxic("web", "latency", name=name)
    UNDOERS["remove_toxic"].undo(args_for("remove_toxic", client))
    assert [one.name for one in client.toxics("web")] == ["cx-7f3a-latency-2", "theirs"]


@pytest.mark.parametrize(
    ("op", "wrong"),
    [
        ("remove_toxic", {"toxic": "theirs"}),
        ("remove_toxic", {"toxic": "cx-"}),
        ("remove_toxic", {"toxic": None}),
        ("remove_toxic", {"unknown": 1}),
        ("enable_proxy", {"listen": 8474}),
        ("delete_proxy", {"proxy": None}),
    ],
)
def test_a_record_that_is_not_of_its_form_is_refused_and_touches_nothing(
    client: Client, op: str, wrong: dict[str, Any]
) -> None:
    client.add_toxic("web", "latency", name="theirs")
    before = client.proxies()
    for ask in (UNDOERS[op].undo, UNDOERS[op].verify):
        with pytest.raises(UndoError, match="cannot be used, nothing was touched"):
            ask({**args_for(op, client), **wrong})
    assert client.proxies() == before


def test_a_proxy_replaced_since_is_left_as_it_is(client: Client) -> None:
    args = args_for("enable_proxy", client)
    client.delete("web")
    client.create("web", "127.0.0.1:10", enabled=False)
    assert UNDOERS["enable_proxy"].undo(args) == "already gone"
    assert UNDOERS["enable_proxy"].verify(args) is True
    assert client.proxy("web").enabled is False


def test_a_port_taken_meanwhile_is_an_error_until_it_is_free(client: Client) -> None:
    args = args_for("enable_proxy", client)
    do("enable_proxy", client)
    port = int(args["listen"].rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)), pytest.raises(ProxyFailed, match="address already in use"):
        UNDOERS["enable_proxy"].undo(args)
    assert UNDOERS["enable_proxy"].verify(args) is False
    assert UNDOERS["enable_proxy"].undo(args) == "undone"


def test_a_proxy_that_was_given_another_upstream_is_left_to_a_person(client: Client) -> None:
    args = args_for("enable_proxy", client)
    client.update("web", enabled=False)
    client.update("web", upstream="127.0.0.1:10")
    with pytest.raises(UndoError, match=r"leads .* -> 127.0.0.1:10 and not"):
        UNDOERS["enable_proxy"].undo(args)
    assert not client.proxy("web").enabled


@pytest.mark.parametrize("op", UNDOERS)
def test_what_stands_on_a_server_that_came_later_is_not_ours(client: Client, op: str) -> None:
    """The same name on the same port, and yet another's: the server that we hurt has gone."""
    args = args_for(op, client)
    do(op, client)
    before = client.proxies()
    gone = "instance 60f486e428"
    assert UNDOERS[op].undo({**args, "identity": gone}) == "already gone"
    assert UNDOERS[op].verify({**args, "identity": gone}) is True
    assert client.proxies() == before
    assert UNDOERS[op].undo({**args, "identity": identity_of(client)}) == "undone"


def test_a_hold_that_another_run_has_by_now_is_left_to_it(client: Client) -> None:
    """Ours was reset away by somebody, and the other run came before our undo."""
    hold.take(client, "web", "7f3a2b")
    client.reset()
    hold.take(client, "web", "0a0b0c")
    args = args_for("release", client)
    assert (UNDOERS["release"].undo(args), UNDOERS["release"].verify(args)) == ("already gone", True)
    assert hold.on(client.toxics("web")) == hold.sign_of("0a0b0c")


@pytest.mark.parametrize(
    "server",
    [
        "ftp://127.0.0.1:8474",
        "file:///etc/passwd",
        "http://me:secret@127.0.0.1:8474",
        "127.0.0.1:8474",
        "http://h:1/?x",
    ],
)
def test_an_address_that_no_run_would_write_down_is_never_called(server: str) -> None:
    with pytest.raises(UndoError, match="nothing was touched"):
        UNDOERS["delete_proxy"].undo({"server": server, "proxy": "web"})
