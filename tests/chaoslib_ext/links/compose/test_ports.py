"""`ports:` in each of its forms."""

from typing import Any

import pytest

from chaoslib_ext.links.compose.ports import Published, published


@pytest.mark.parametrize(
    ("entry", "ports"),
    [
        ("8080:80", [(80, "127.0.0.1:8080")]),
        ("127.0.0.1:5433:5432", [(5432, "127.0.0.1:5433")]),
        ("0.0.0.0:5433:5432/tcp", [(5432, "127.0.0.1:5433")]),
        (":2283:2283", [(2283, "127.0.0.1:2283")]),
        ("[::1]:6379:6379", [(6379, "[::1]:6379")]),
        ("192.168.1.7:80:80", [(80, "192.168.1.7:80")]),
        ("9090-9091:8080-8081", [(8080, "127.0.0.1:9090"), (8081, "127.0.0.1:9091")]),
        ("6379", [(6379, "")]),
        ("3000-3001", [(3000, ""), (3001, "")]),
        ("8000-8010:80", [(80, "")]),
        ("53:53/udp", []),
        ({"target": "80", "published": "8080", "host_ip": "127.0.0.1", "mode": "host"}, [(80, "127.0.0.1:8080")]),
        ({"target": "80"}, [(80, "")]),
        ({"target": "53", "published": "53", "protocol": "udp"}, []),
        ({"published": "80"}, []),
        ("http:80", [(80, "")]),
        ("1:99999", []),
        ("nonsense", []),
        (None, []),
    ],
)
def test_a_port_and_where_this_machine_has_it(entry: Any, ports: list[tuple[int, str]]) -> None:
    assert published(entry) == [Published(*one) for one in ports]
