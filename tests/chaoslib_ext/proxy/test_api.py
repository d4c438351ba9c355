"""The API: the contract tests hold it against the real server; here is what is only ours."""

import json
import socket
import urllib.request

import psutil

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


def test_an_encoded_slash_is_part_of_a_name(embedded):
    call(embedded, "/proxies", {"name": "a/b c", "upstream": "x:1", "enabled": False})
    call(embedded, "/proxies/a%2Fb%20c/toxics", {"type": "noop", "name": "t/1"})
    assert json.loads(call(embedded, "/proxies/a%2Fb%20c/toxics/t%2F1"))["name"] == "t/1"
    assert call(embedded, "/proxies/a%2Fb%20c/toxics/t%2F1", method="DELETE") == ""
    assert json.loads(call(embedded, "/proxies/a%2Fb%20c"))["toxics"] == []


def test_metrics_are_off_until_asked_for(tmp_path):
    serving = start_detached(log=tmp_path / "server.log", metrics=False)
    try:
        assert b"404 page not found" in raw(serving.url, b"GET /metrics HTTP/1.0\r\n\r\n")
    finally:
        psutil.Process(serving.pid).kill()
