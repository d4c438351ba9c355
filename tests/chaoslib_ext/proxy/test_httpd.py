"""HTTP itself: half-closed clients, long names, large bodies, and what is not HTTP at all."""

import json
import re
import socket
import urllib.request

import psutil
import pytest

from chaoslib_ext.proxy.serve import start_detached


def url_parts(url):
    host, port = url.removeprefix("http://").split(":")
    return host, int(port)


def raw(url, request_):
    """The whole answer to these bytes."""
    with socket.create_connection(url_parts(url), 10) as client:
        client.sendall(request_)
        client.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := client.recv(65536):
            answer += piece
    return answer


def call(url, path, body=None, method=None):
    request_ = urllib.request.Request(
        url + path, json.dumps(body).encode() if body is not None else None, method=method
    )
    with urllib.request.urlopen(request_, timeout=10) as answer:
        return answer.read().decode()


def test_a_client_that_closed_its_sending_side_gets_its_answer(embedded):
    body = b'{"name":"a","upstream":"x:1","enabled":false}'
    head = b"POST /proxies HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body)
    assert raw(embedded, head + body).startswith(b"HTTP/1.1 201 Created\r\n")
    assert raw(embedded, b"") == b""  # and one that asked nothing is not kept


def test_a_body_without_end_is_refused(embedded):
    head = b"POST /proxies HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % (65 << 20)
    with socket.create_connection(url_parts(embedded), 10) as client:
        try:
            client.sendall(head + b" " * (65 << 20))
        except ConnectionError:
            pass  # it need not listen to the end
    assert "2.12.0" in call(embedded, "/version")


@pytest.mark.parametrize(
    "request_",
    [
        b"garbage\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET /version HTTP/1.1\r\n\r\n",
        b"POST /proxies HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /proxies HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
        b'POST /proxies HTTP/1.1\r\nHost: localhost\r\nContent-Length: 33\r\n\r\n{"name":"a\\nERROR","upstream":"x"}',
        b"GET /proxies/" + b"%41" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
)
def test_whatever_is_sent_the_server_lives_and_its_log_stays_a_line_each(tmp_path, request_):
    serving = start_detached(log=tmp_path / "server.log")
    url, process = serving.url, psutil.Process(serving.pid)
    for linger in (b"\1\0\0\0\0\0\0\0", b"\0" * 8):
        with socket.create_connection(url_parts(url), 10) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            client.sendall(request_)
            client.shutdown(socket.SHUT_WR)
    assert "version" in call(url, "/version")
    process.kill()
    for line in (tmp_path / "server.log").read_text().splitlines():
        assert re.match(r"\d{4}-\d\d-\d\dT\S+ INFO ", line), line


def test_a_long_name_is_found_again(embedded):
    name = "n" * 20_000
    call(embedded, "/proxies", {"name": name, "upstream": "x:1", "enabled": False})
    assert json.loads(call(embedded, f"/proxies/{name}"))["name"] == name
