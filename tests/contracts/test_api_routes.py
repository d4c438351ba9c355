"""What is answered where: routes, methods, the middleware before them, and the headers of each kind of answer."""

import http.client
import re
import socket

import pytest

PROXY = {"name": "p", "upstream": "127.0.0.1:9", "enabled": False}
NOT_FOUND_PAGE = "404 page not found\n"


@pytest.fixture
def proxy(api):
    """A disabled proxy p with one toxic t."""
    assert api.post("/proxies", PROXY).status == 201
    assert api.post("/proxies/p/toxics", {"type": "latency", "name": "t"}).status == 200
    return "p"


ROUTES = {
    "/version": ["GET"],
    "/proxies": ["GET", "POST"],
    "/populate": ["POST"],
    "/reset": ["POST"],
    "/proxies/p": ["GET", "POST", "PATCH", "DELETE"],
    "/proxies/p/toxics": ["GET", "POST"],
    "/proxies/p/toxics/t": ["GET", "POST", "PATCH", "DELETE"],
}
METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE"]
WRONG = [(method, path) for path, allowed in ROUTES.items() for method in METHODS if method not in allowed]


@pytest.mark.parametrize(("method", "path"), WRONG)
def test_a_wrong_method_is_405_with_nothing_else(api, proxy, method, path):
    reply = api.ask(method, path)
    assert reply.status == 405
    assert reply.body == b""
    assert reply.header("Allow") is None
    assert reply.header("X-Toxiproxy-Request-Id") is None


@pytest.mark.parametrize("path", [
    "/", "/nope", "/version/", "/proxies/", "/populate/", "/reset/", "/proxies/p/", "/proxies/p/toxics/",
    "/proxies/p/toxics/t/", "/proxies/p/toxics/t/x", "/proxies/p/upstream/toxics", "/VERSION", "/Proxies",
])  # fmt: skip
def test_an_unknown_path_is_the_plain_404_page(api, proxy, path):
    for method in ("GET", "POST", "DELETE", "PUT"):
        reply = api.ask(method, path)
        assert (reply.status, reply.text) == (404, NOT_FOUND_PAGE)
        assert reply.header("Content-Type") == "text/plain; charset=utf-8"
        assert reply.header("X-Content-Type-Options") == "nosniff"
        assert reply.header("X-Toxiproxy-Request-Id") is None


@pytest.mark.parametrize(("path", "location"), [
    ("//proxies", "/proxies"),
    ("/proxies//p", "/proxies/p"),
    ("/a/../proxies", "/proxies"),
    ("/./version", "/version"),
    ("/proxies/p/toxics/..", "/proxies/p"),
    ("//nope//", "/nope/"),
])  # fmt: skip
def test_an_unclean_path_is_redirected(api, proxy, path, location):
    reply = api.get(path)
    assert (reply.status, reply.header("Location")) == (301, location)
    assert reply.header("X-Toxiproxy-Request-Id") is None


def test_a_redirect_keeps_the_query(api):
    assert api.get("//version?x=1&y=%20").header("Location") == "/version?x=1&y=%20"


def test_a_query_is_ignored(api):
    assert api.get("/proxies?x=1").text == "{}"


def test_version_is_a_semver_with_a_blank_after_the_colon(api, engine):
    reply = api.get("/version")
    assert reply.status == 200
    assert reply.header("Content-Type") == "application/json;charset=utf-8"
    match = re.fullmatch(r'\{"version": "([^"]+)"\}\n', reply.text)
    assert match, reply.text
    if engine == "embedded":  # the binary that `go install` builds says "git": its version is set by its release build
        assert tuple(map(int, match[1].split("."))) >= (2, 6, 0)


@pytest.mark.parametrize("agent", ["Mozilla/5.0 (X11; Linux x86_64)", "Mozilla/", "Mozilla/x"])
def test_browsers_are_turned_away(api, agent):
    reply = api.get("/proxies", User_Agent=agent)
    assert (reply.status, reply.text) == (403, "User agent not allowed\n")
    assert reply.header("Content-Type") == "text/plain; charset=utf-8"
    assert reply.header("X-Content-Type-Options") == "nosniff"
    assert reply.header("X-Toxiproxy-Request-Id")


@pytest.mark.parametrize("agent", ["mozilla/5.0", "Mozilla", "curl/8 Mozilla/5.0", "MOZILLA/5.0", ""])
def test_other_agents_are_not(api, agent):
    assert api.get("/proxies", User_Agent=agent).status == 200


def test_a_browser_on_an_unknown_path_or_wrong_method_sees_404_and_405(api):
    assert api.get("/nope", User_Agent="Mozilla/5.0").status == 404
    assert api.ask("PUT", "/proxies", User_Agent="Mozilla/5.0").status == 405


def test_a_browser_changes_nothing(api, proxy):
    for method, path in [("DELETE", "/proxies/p"), ("POST", "/reset"), ("DELETE", "/proxies/p/toxics/t")]:
        assert api.ask(method, path, User_Agent="Mozilla/5.0").status == 403
    assert [toxic["name"] for toxic in api.get("/proxies/p").json["toxics"]] == ["t"]


def test_every_routed_answer_has_a_request_id_of_its_own(api, proxy):
    replies = [api.get("/version"), api.get("/proxies"), api.get("/proxies/none"), api.post("/proxies", "bad"),
               api.post("/populate", "bad"), api.post("/reset"), api.delete("/proxies/p")]  # fmt: skip
    ids = [reply.header("X-Toxiproxy-Request-Id") for reply in replies]
    assert all(one and re.fullmatch("[0-9a-v]{20}", one) for one in ids)
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(("method", "path", "body", "status"), [
    ("GET", "/proxies", None, 200),
    ("GET", "/proxies/p", None, 200),
    ("GET", "/proxies/p/toxics", None, 200),
    ("GET", "/proxies/p/toxics/t", None, 200),
    ("POST", "/proxies", {"name": "q", "upstream": "x:1", "enabled": False}, 201),
    ("PATCH", "/proxies/p", {"listen": "bad"}, 500),
    ("POST", "/proxies/p/toxics", {"type": "noop"}, 200),
    ("PATCH", "/proxies/p/toxics/t", {}, 200),
    ("POST", "/populate", [], 201),
    ("POST", "/populate", "bad", 400),
])  # fmt: skip
def test_content_types(api, proxy, method, path, body, status):
    reply = api.ask(method, path, body)
    assert reply.status == status, reply
    if status == 500:  # errors come as plain text, whatever they look like
        assert reply.header("Content-Type") == "text/plain; charset=utf-8"
        assert reply.header("X-Content-Type-Options") == "nosniff"
    else:
        assert reply.header("Content-Type") == "application/json"
        assert reply.header("X-Content-Type-Options") is None


def test_success_bodies_are_compact_and_errors_end_with_a_newline(api, proxy):
    assert not api.get("/proxies").text.endswith("\n")
    assert " " not in api.get("/proxies").text
    assert api.get("/proxies/none").text == '{"error":"proxy not found","status":404}\n'
    assert api.post("/populate", "").text == '{"error":"bad request body: EOF","status":400,"proxies":null}'


@pytest.mark.parametrize("path", ["/proxies/p/toxics/t", "/proxies/p"])
def test_204_has_no_body_and_no_content_type(api, proxy, path):
    reply = api.delete(path)
    assert (reply.status, reply.body) == (204, b"")
    assert reply.header("Content-Type") is None
    assert reply.header("Content-Length") is None
    assert reply.header("X-Toxiproxy-Request-Id")


def test_reset_is_204_with_or_without_a_body(api):
    assert [api.post("/reset", body).status for body in (None, "", "junk", "[]")] == [204] * 4


@pytest.mark.parametrize("kind", ["text/html", "application/x-www-form-urlencoded", "application/json", ""])
def test_the_content_type_of_a_request_is_never_looked_at(api, kind):
    reply = api.ask("POST", "/proxies", PROXY, Content_Type=kind)
    assert reply.status == 201


def test_the_headers_and_no_others(api):
    reply = api.get("/proxies")
    assert sorted(name for name, _ in reply.headers if name != "Connection") == [
        "Content-Length",
        "Content-Type",
        "Date",
        "X-Toxiproxy-Request-Id",
    ]
    assert reply.header("Content-Length") == "2"


def test_one_connection_carries_many_requests(api):
    connection = http.client.HTTPConnection(*api.address, timeout=10)
    local = []
    for _ in range(5):
        connection.request("GET", "/proxies")
        local.append(connection.sock.getsockname())
        response = connection.getresponse()
        assert (response.status, response.read()) == (200, b"{}")
        connection.request("DELETE", "/proxies/none")
        response = connection.getresponse()
        assert (response.status, response.read()) == (404, b'{"error":"proxy not found","status":404}\n')
    connection.close()
    assert len(set(local)) == 1


def test_pipelined_requests_are_answered_in_order(api, wire):
    ask = b"GET /proxies HTTP/1.1\r\nHost: localhost\r\n\r\n"
    ask += b"GET /version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with socket.create_connection(api.address, 10) as sock:
        sock.sendall(ask)
        got, _ = wire.rest(sock)
    assert got.count(b"HTTP/1.1 200 OK\r\n") == 2
    assert got.index(b"{}") < got.index(b'{"version"')


def test_a_chunked_request_body_is_read(api):
    body = b'{"name":"chunky","upstream":"x:1","enabled":false}'
    head = b"POST /proxies HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (body[:7], body[7:]))
    assert api.raw(head + chunks + b"0\r\n\r\n", "POST").status == 201


def test_a_percent_encoded_name_is_decoded(api):
    assert api.post("/proxies", {"name": "a b<é", "upstream": "x:1", "enabled": False}).status == 201
    assert api.get("/proxies/a%20b%3C%C3%A9").json["name"] == "a b<é"
    assert api.delete("/proxies/a%20b%3C%C3%A9").status == 204


def test_a_name_with_a_slash_can_be_created_but_not_addressed_as_it_is(own_server):
    api = own_server().api  # of its own: nothing but the end of the original takes such a proxy away
    assert api.post("/proxies", {**PROXY, "name": "a/b"}).status == 201
    assert api.get("/proxies/a/b").status == 404
    assert "a/b" in api.get("/proxies").json


def test_a_post_without_a_length_is_an_empty_body(api):
    reply = api.raw(b"POST /proxies HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "POST")
    assert (reply.status, reply.text) == (400, '{"error":"bad request body: EOF","status":400}\n')


def test_http_1_0_is_served(api):
    reply = api.raw(b"GET /proxies HTTP/1.0\r\n\r\n")
    assert (reply.status, reply.body) == (200, b"{}")


def test_a_body_is_asked_for_when_the_client_waits_to_be_asked(api, wire):
    body = b'{"name":"polite","upstream":"x:1","enabled":false}'
    head = "POST /proxies HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    head += f"Expect: 100-continue\r\nContent-Length: {len(body)}"
    with socket.create_connection(api.address, 10) as sock:
        sock.sendall(head.encode() + b"\r\n\r\n")
        assert wire.read(sock, 25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(body)
        assert wire.rest(sock)[0].startswith(b"HTTP/1.1 201 Created\r\n")


def test_a_url_may_be_absolute(api):
    reply = api.raw(b"GET http://localhost/proxies HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert (reply.status, reply.body) == (200, b"{}")


@pytest.mark.parametrize("host", ["localhost:8474", "LOCALHOST.", "127.0.0.1", "10.0.0.7:80", "[::1]:1", "127.1", ""])
def test_localhost_and_any_address_will_do_as_host(api, host):
    """Any name on the original; of names on ours: test_better.py, "a page in a browser is refused"."""
    request = f"GET /proxies HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    assert api.raw(request.encode()).status == 200


def test_a_request_line_of_nonsense_is_400(api):
    assert api.raw(b"NONSENSE\r\n\r\n").status == 400
    assert api.raw(b"GET /proxies/%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").status == 400


@pytest.mark.parametrize("path", ["/version", "/proxies", "/proxies/p", "/proxies/p/toxics/t"])
@pytest.mark.parametrize("method", ["BREW", "get"])
def test_a_method_nobody_knows_is_405_too(api, proxy, method, path):
    reply = api.ask(method, path)
    assert (reply.status, reply.body) == (405, b"")


@pytest.mark.parametrize(("request_", "line"), [
    (b"GET /version HTTP/1.1\r\n\r\n", "400 Bad Request: missing required Host header"),
    (b"GET /version HTTP/1.1\r\nHost: localhost\r\nnonsense\r\n\r\n", "400 Bad Request"),
    (b"hello\r\n\r\n", "400 Bad Request"),
])  # fmt: skip
def test_what_is_no_http_is_told_so_as_go_does(api, request_, line):
    with socket.create_connection(api.address, 10) as client:
        client.sendall(request_)
        head, _, body = b"".join(iter(lambda: client.recv(65536), b"")).decode().partition("\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {line}\r\n")
    assert "\r\nContent-Type: text/plain; charset=utf-8" in head
    assert body == line


@pytest.mark.parametrize("name", ["a|b", "{x}", 'say"so"', "a^b", "<a>", "back\\slash", "tick`"])
def test_a_name_need_not_be_escaped_more_than_it_must(api, name):
    """As curl sends it."""
    assert api.post("/proxies", {"name": name, "upstream": "x:1", "enabled": False}).status == 201
    assert api.get(f"/proxies/{name}").json["name"] == name


def test_a_query_may_hold_anything(api):
    assert api.get("/proxies?100%").text == "{}"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "x"])
def test_a_content_encoding_is_not_looked_at(api, coding):
    reply = api.ask("POST", "/proxies", "{}", Content_Encoding=coding)
    assert (reply.status, reply.json["error"]) == (400, "missing required field: name")


def test_who_was_refused_before_the_body_was_asked_for_begins_anew(api):
    """The body may come now or not: what follows on that connection could be either."""
    head = b"POST /proxies/none HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    reply = api.raw(head, "POST")
    assert (reply.status, reply.header("Connection")) == (404, "close")
