"""Where a proxy listens, and Go's words when it can't."""

import socket

import pytest

from chaoslib_ext.proxy.listening import Address, ListenError, bound, resolved, split


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("127.0.0.1:80", ("127.0.0.1", "80")),
        ("[::1]:80", ("::1", "80")),
        (":80", ("", "80")),
        ("localhost:", ("localhost", "")),
    ],
)
def test_host_and_port(text, parts):
    assert split(text) == parts


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("bad", "address bad: missing port in address"),
        ("[::1]", "address [::1]: missing port in address"),
        ("::1:0", "address ::1:0: too many colons in address"),
        ("[::1:0", "address [::1:0: missing ']' in address"),
        ("a]:0", "address a]:0: unexpected ']' in address"),
        ("127.0.0.1:99999", "address 99999: invalid port"),
        ("127.0.0.1:-1", "address -1: invalid port"),
        ("127.0.0.1:nosuchport", "lookup tcp/nosuchport: unknown port"),
        ("nosuchhost.invalid:0", "lookup nosuchhost.invalid: no such host"),
    ],
)
async def test_what_go_says(text, words):
    with pytest.raises(ListenError) as caught:
        await resolved(text)
    assert str(caught.value) == words


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("", ":0"),
        ("localhost:1", "127.0.0.1:1"),
        ("[::1]:http", "[::1]:80"),
        ("[::1]:HTTP", "[::1]:80"),
    ],
)
async def test_an_address_is_shown_resolved(text, address):
    assert str(await resolved(text)) == address


@pytest.mark.parametrize("host", ["", "0.0.0.0"])
def test_no_host_means_every_interface_of_both_families(host):
    with bound(Address(host, 0)) as listener:
        port = listener.getsockname()[1]
        families = ["127.0.0.1", "::1"] if socket.has_dualstack_ipv6() else ["127.0.0.1"]
        for interface in families:
            socket.create_connection((interface, port), 5).close()


def test_a_taken_port_is_said_and_nothing_is_left_open():
    with bound(Address("127.0.0.1", 0)) as first:
        address = Address("127.0.0.1", first.getsockname()[1])
        with pytest.raises(ListenError) as caught:
            bound(address)
    assert str(caught.value) == f"listen tcp {address}: bind: address already in use"
