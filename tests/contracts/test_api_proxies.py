"""Proxies over the API: create, show, update, delete, and what each refuses."""

import re
import socket

import pytest

MISSING = '{{"error":"missing required field: {}","status":400}}\n'
NO_PROXY = '{"error":"proxy not found","status":404}\n'


@pytest.fixture
def taken(upstream):
    """An address on which someone else listens."""
    return upstream().address


def create(api, **fields):
    reply = api.post("/proxies", {"name": "p", "upstream": "x:1", "listen": "127.0.0.1:0", **fields})
    assert reply.status == 201, reply
    return reply.json


def test_there_are_none_at_first(api):
    reply = api.get("/proxies")
    assert (reply.status, reply.text) == (200, "{}")


def test_create_answers_201_with_the_real_port(api):
    reply = api.post("/proxies", {"name": "p", "listen": "127.0.0.1:0", "upstream": "x:1"})
    port = reply.json["listen"].removeprefix("127.0.0.1:")
    assert port.isdigit() and port != "0"
    assert reply.status == 201
    assert reply.text == (
        f'{{"name":"p","listen":"127.0.0.1:{port}","upstream":"x:1","enabled":true,"Logger":{{}},"toxics":[]}}'
    )


def test_show_and_list_say_the_same(api):
    created = api.post("/proxies", {"name": "p", "listen": "127.0.0.1:0", "upstream": "x:1"}).text
    assert api.get("/proxies/p").text == created
    assert api.get("/proxies").text == f'{{"p":{created}}}'


def test_proxies_are_listed_by_name(api):
    for name in ("b", "a", "B", "10", "9", "é", "a0"):
        create(api, name=name, enabled=False)
    assert list(api.get("/proxies").json) == ["10", "9", "B", "a", "a0", "b", "é"]


@pytest.mark.parametrize(("body", "field"), [
    ({}, "name"), ({"upstream": "x:1"}, "name"), ({"name": ""}, "name"), ({"name": "", "upstream": ""}, "name"),
    ({"name": "p"}, "upstream"), ({"name": "p", "upstream": ""}, "upstream"),
])  # fmt: skip
def test_a_name_and_an_upstream_are_required(api, body, field):
    reply = api.post("/proxies", body)
    assert (reply.status, reply.text) == (400, MISSING.format(field))
    assert api.get("/proxies").text == "{}"


def test_a_name_exists_once(api):
    create(api)
    reply = api.post("/proxies", {"name": "p", "upstream": "y:1"})
    assert (reply.status, reply.text) == (409, '{"error":"proxy already exists","status":409}\n')
    assert api.get("/proxies/p").json["upstream"] == "x:1"


def test_a_name_that_exists_is_found_before_a_bad_listen(api):
    create(api)
    assert api.post("/proxies", {"name": "p", "upstream": "x:1", "listen": "bad"}).status == 409


def test_no_listen_is_a_random_port_on_every_address(api, wire):
    listen = create(api, listen="")["listen"]
    assert listen.startswith("[::]:")
    port = int(listen.removeprefix("[::]:"))
    assert port > 0

    for host in ("127.0.0.1", "::1"):
        socket.create_connection((host, port), 5).close()


def test_a_listen_without_a_host_is_every_address(api):
    assert create(api, listen=":0")["listen"].startswith("[::]:")


def test_localhost_is_resolved(api):
    assert create(api, listen="localhost:0")["listen"].startswith("127.0.0.1:")


@pytest.mark.parametrize("listen", ["[::ffff:127.0.0.1]:0", "127.0.0.1:0000000000000", "127.0.0.1:+0", "127.0.0.1:"])
def test_other_ways_to_write_it(api, listen):
    assert re.fullmatch(r"127\.0\.0\.1:[1-9]\d*", create(api, listen=listen)["listen"])


def test_ipv6_listens_and_is_bracketed(api):
    assert create(api, listen="[::1]:0")["listen"].startswith("[::1]:")


def test_a_disabled_proxy_keeps_the_text_of_its_listen(api):
    assert create(api, listen="localhost:0", enabled=False)["listen"] == "localhost:0"
    assert create(api, name="q", listen="", enabled=False)["listen"] == ""
    assert create(api, name="r", listen="what ever", enabled=False)["listen"] == "what ever"


def test_the_upstream_is_not_checked(api):
    assert create(api, upstream="no such place")["upstream"] == "no such place"


def test_a_taken_port_is_500_and_nothing_is_stored(api, taken):
    reply = api.post("/proxies", {"name": "p", "upstream": "x:1", "listen": taken})
    assert reply.status == 500
    assert reply.text == f'{{"error":"listen tcp {taken}: bind: address already in use","status":500}}\n'
    assert api.get("/proxies").text == "{}"


@pytest.mark.parametrize(("listen", "words"), [
    ("bad", "listen tcp: address bad: missing port in address"),
    ("127.0.0.1", "listen tcp: address 127.0.0.1: missing port in address"),
    ("192.0.2.1:0", "listen tcp 192.0.2.1:0: bind: cannot assign requested address"),
    ("127.0.0.1:99999", "listen tcp: address 99999: invalid port"),
    ("127.0.0.1:-1", "listen tcp: address -1: invalid port"),
    ("nosuchhost.invalid:what", "listen tcp: lookup tcp/what: unknown port"),
    ("127.1:0", "listen tcp: lookup 127.1: no such host"),
    ("2130706433:0", "listen tcp: lookup 2130706433: no such host"),
    ("::1:0", "listen tcp: address ::1:0: too many colons in address"),
    ("[::1", "listen tcp: address [::1: missing ']' in address"),
])  # fmt: skip
def test_a_listen_that_cannot_be(api, listen, words):
    reply = api.post("/proxies", {"name": "p", "upstream": "x:1", "listen": listen})
    assert (reply.status, reply.json["error"]) == (500, words)
    assert api.get("/proxies").text == "{}"


def test_two_proxies_cannot_share_a_port(api):
    listen = create(api)["listen"]
    reply = api.post("/proxies", {"name": "q", "upstream": "x:1", "listen": listen})
    assert (reply.status, reply.json["error"]) == (500, f"listen tcp {listen}: bind: address already in use")


@pytest.mark.parametrize("method", ["GET", "PATCH", "POST", "DELETE"])
def test_an_unknown_proxy_is_404(api, method):
    reply = api.ask(method, "/proxies/none", "{}" if method in ("PATCH", "POST") else None)
    assert (reply.status, reply.text) == (404, NO_PROXY)
    assert reply.header("Content-Type") == "text/plain; charset=utf-8"


def test_names_are_case_sensitive(api):
    create(api)
    assert api.get("/proxies/P").status == 404


def test_delete_frees_the_name_and_the_port(api):
    listen = create(api)["listen"]
    assert api.delete("/proxies/p").status == 204
    assert api.get("/proxies").text == "{}"
    assert api.delete("/proxies/p").text == NO_PROXY
    assert create(api, listen=listen)["listen"] == listen


@pytest.mark.parametrize("method", ["PATCH", "POST"])
def test_update_by_either_method_answers_200_with_the_proxy(api, method):
    created = create(api)
    reply = api.ask(method, "/proxies/p", {"upstream": "y:2"})
    assert (reply.status, reply.json) == (200, {**created, "upstream": "y:2"})
    assert api.get("/proxies/p").text == reply.text


def test_an_update_ignores_name_and_toxics_and_keeps_what_it_does_not_name(api):
    created = create(api)
    body = {"name": "other", "toxics": [{"type": "latency"}], "zzz": 1}
    assert api.patch("/proxies/p", body).json == created
    assert api.patch("/proxies/p", "{}").json == created
    assert list(api.get("/proxies").json) == ["p"]


def test_disable_and_enable_keep_port_and_toxics(api):
    listen = create(api)["listen"]
    api.post("/proxies/p/toxics", {"type": "latency", "name": "t"})
    off = api.patch("/proxies/p", {"enabled": False})
    assert (off.status, off.json["enabled"], off.json["listen"]) == (200, False, listen)
    assert [toxic["name"] for toxic in off.json["toxics"]] == ["t"]
    on = api.patch("/proxies/p", {"enabled": True})
    assert (on.status, on.json["enabled"], on.json["listen"]) == (200, True, listen)
    assert [toxic["name"] for toxic in on.json["toxics"]] == ["t"]


def test_disable_and_enable_twice_are_harmless(api):
    create(api)
    for enabled in (False, False, True, True):
        assert api.patch("/proxies/p", {"enabled": enabled}).json["enabled"] is enabled


def test_enabling_resolves_the_listen(api):
    create(api, listen="localhost:0", enabled=False)
    listen = api.patch("/proxies/p", {"enabled": True}).json["listen"]
    assert listen.startswith("127.0.0.1:") and listen != "127.0.0.1:0"


def test_a_new_listen_moves_the_proxy(api, upstream):

    old = create(api)["listen"]
    spare = upstream()
    new = spare.address
    spare.close()
    moved = api.patch("/proxies/p", {"listen": new}).json
    assert (moved["listen"], moved["enabled"]) == (new, True)
    socket.create_connection(("127.0.0.1", int(new.rpartition(":")[2])), 5).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(old.rpartition(":")[2])), 5)


def test_port_0_in_an_update_is_a_new_port(api):
    old = create(api)["listen"]
    new = api.patch("/proxies/p", {"listen": "127.0.0.1:0"}).json["listen"]
    assert new != old and not new.endswith(":0")


def test_an_update_onto_a_taken_port_is_500(api, taken):
    create(api)
    reply = api.patch("/proxies/p", {"listen": taken})
    assert reply.status == 500
    assert reply.text == f'{{"error":"listen tcp {taken}: bind: address already in use","status":500}}\n'


def test_an_update_onto_a_taken_port_leaves_it_disabled_with_the_new_listen(api, taken):
    create(api)
    assert api.patch("/proxies/p", {"listen": taken}).status == 500
    left = api.get("/proxies/p").json
    assert (left["listen"], left["enabled"]) == (taken, False)


def test_enabling_onto_a_taken_port_is_500_and_stays_disabled(api, taken):
    create(api, listen=taken, enabled=False)
    reply = api.patch("/proxies/p", {"enabled": True})
    assert (reply.status, reply.json["error"]) == (500, f"listen tcp {taken}: bind: address already in use")
    assert api.get("/proxies/p").json["enabled"] is False


def test_an_unresolvable_listen_is_500_and_changes_nothing(api):
    created = create(api)
    reply = api.patch("/proxies/p", {"listen": "bad", "upstream": "y:1"})
    assert (reply.status, reply.json["error"]) == (500, "address bad: missing port in address")
    assert api.get("/proxies/p").json == created


def test_a_disabled_proxy_takes_a_new_listen_as_text(api):
    create(api, enabled=False)
    reply = api.patch("/proxies/p", {"listen": "localhost:1"})
    assert (reply.status, reply.json["listen"], reply.json["enabled"]) == (200, "localhost:1", False)


def test_a_bad_body_changes_nothing(api):
    created = create(api)
    assert api.patch("/proxies/p", '{"upstream":"y:1"').status == 400
    assert api.patch("/proxies/p", '{"upstream":"y:1","enabled":"no"}').status == 400
    assert api.get("/proxies/p").json == created


def test_changing_the_upstream_and_disabling_at_once(api):
    create(api)
    reply = api.patch("/proxies/p", {"upstream": "y:1", "enabled": False})
    assert (reply.json["upstream"], reply.json["enabled"]) == ("y:1", False)


def test_toxics_survive_a_new_upstream(api):
    create(api)
    api.post("/proxies/p/toxics", {"type": "noop", "name": "t"})
    assert [toxic["name"] for toxic in api.patch("/proxies/p", {"upstream": "y:1"}).json["toxics"]] == ["t"]


def test_long_and_odd_names(api):
    for name in ("x" * 1000, " ", "a.b", "%", "?", "#", "日本", "...", "toxics"):
        assert create(api, name=name, enabled=False)["name"] == name
        api.clear()
