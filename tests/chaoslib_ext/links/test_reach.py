"""What is there and what is not, plain and TLS."""

import socket

from chaoslib_ext.links.reach import reached, speaks_tls


def test_a_port_that_listens_and_one_that_does_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        assert reached(address) == ""
    assert "refused" in reached(address).lower()
    assert not speaks_tls(address)
