"""Many proxies at once: /populate, and back to the start: /reset."""

import pytest

ENTRIES = '[]struct { toxiproxy.Proxy; Enabled *bool "json:\\"enabled\\"" }'  # how Go names what /populate reads


def entry(name="a", **fields):
    return {"name": name, "listen": "127.0.0.1:0", "upstream": "x:1", **fields}


def populate(api, *entries):
    reply = api.post("/populate", list(entries))
    assert reply.status == 201, reply
    return reply.json["proxies"]


def test_each_entry_becomes_a_proxy_in_the_order_given(api):
    reply = api.post("/populate", [entry("b"), entry("a"), entry("c", enabled=False, listen="localhost:0")])
    assert reply.status == 201
    assert [proxy["name"] for proxy in reply.json["proxies"]] == ["b", "a", "c"]
    assert list(reply.json["proxies"][0]) == ["name", "listen", "upstream", "enabled", "Logger", "toxics"]
    assert [proxy["enabled"] for proxy in reply.json["proxies"]] == [True, True, False]
    assert reply.json["proxies"][2]["listen"] == "localhost:0"
    assert {proxy["name"]: proxy for proxy in reply.json["proxies"]} == api.get("/proxies").json
    assert not reply.text.endswith("\n")


@pytest.mark.parametrize("body", ["[]", "null"])
def test_nothing_makes_null(api, body):
    reply = api.post("/populate", body)
    assert (reply.status, reply.text) == (201, '{"proxies":null}')
    assert reply.header("Content-Type") == "application/json"


@pytest.mark.parametrize(("enabled", "expected"), [(True, True), (False, False), (None, True)])
def test_enabled_is_the_default(api, enabled, expected):
    assert populate(api, entry(enabled=enabled))[0]["enabled"] is expected


def test_without_listen_a_random_port(api):
    assert populate(api, {"name": "a", "upstream": "x:1"})[0]["listen"].startswith("[::]:")


@pytest.mark.parametrize(("broken", "words"), [
    ({"upstream": "x:1"}, "name at proxy 2"),
    ({"name": "", "upstream": "x:1"}, "name at proxy 2"),
    ({"name": "b"}, "upstream at proxy 2"),
    ({"name": "b", "upstream": ""}, "upstream at proxy 2"),
    ({}, "name at proxy 2"),
    (None, "name at proxy 2"),
])  # fmt: skip
def test_a_missing_field_is_named_with_its_place_and_nothing_is_created(api, broken, words):
    reply = api.post("/populate", [entry("a"), broken, entry("c")])
    assert reply.status == 400
    assert reply.text == f'{{"error":"missing required field: {words}","status":400,"proxies":null}}'
    assert reply.header("Content-Type") == "application/json"
    assert reply.header("X-Content-Type-Options") is None
    assert api.get("/proxies").text == "{}"


@pytest.mark.parametrize(("body", "words"), [
    ("", "EOF"),
    ("[", "unexpected EOF"),
    ("[}", "invalid character '}' looking for beginning of value"),
    ("{}", 'json: cannot unmarshal object into Go value of type ' + ENTRIES),
    ("3", 'json: cannot unmarshal number into Go value of type ' + ENTRIES),
])  # fmt: skip
def test_a_bad_body(api, body, words):
    reply = api.post("/populate", body)
    assert (reply.status, list(reply.json)) == (400, ["error", "status", "proxies"])
    assert reply.json == {"error": f"bad request body: {words}", "status": 400, "proxies": None}


@pytest.mark.parametrize("broken", [5, "x", [], {"name": 5}, {"name": "b", "upstream": "x:1", "enabled": "no"}])
def test_a_bad_entry_creates_nothing(api, broken):
    reply = api.post("/populate", [entry("a"), broken])
    assert reply.status == 400
    assert reply.json["error"].startswith("bad request body: json: cannot unmarshal ")
    assert reply.json["proxies"] is None
    assert api.get("/proxies").text == "{}"


def test_a_taken_port_stops_there_and_keeps_what_stood_before(api, upstream):
    taken = upstream().address
    reply = api.post("/populate", [entry("a"), entry("b", listen=taken), entry("c")])
    assert reply.status == 500
    assert reply.json["error"] == f"listen tcp {taken}: bind: address already in use"
    assert reply.json["status"] == 500
    assert [proxy["name"] for proxy in reply.json["proxies"]] == ["a"]
    assert list(reply.json) == ["error", "status", "proxies"]
    assert list(api.get("/proxies").json) == ["a"]
    assert reply.header("Content-Type") == "application/json"


def test_a_taken_port_at_the_first_entry_lists_null(api, upstream):
    reply = api.post("/populate", [entry("a", listen=upstream().address)])
    assert (reply.status, reply.json["proxies"]) == (500, None)


def test_others_are_left_alone(api):
    populate(api, entry("old"))
    before = api.get("/proxies/old").text
    populate(api, entry("new"))
    assert api.get("/proxies/old").text == before


def test_the_same_again_keeps_proxy_toxics_and_connections(api, link, wire):
    kept = link()
    kept.toxic("noop", "t")
    client, peer = kept.open()
    for listen in (kept.listen, f"localhost:{kept.port}"):
        again = populate(api, entry(kept.name, listen=listen, upstream=kept.upstream.address))
        assert again[0]["listen"] == kept.listen
        assert [toxic["name"] for toxic in again[0]["toxics"]] == ["t"]
    client.sendall(b"still here")
    assert wire.read(peer, 10) == b"still here"


@pytest.mark.parametrize("enabled", [True, False])
def test_the_same_again_ignores_enabled(api, enabled):
    created = populate(api, entry(enabled=not enabled))
    if enabled:  # a disabled one has an unresolved listen; give it one that resolves to itself
        api.patch("/proxies/a", {"listen": "127.0.0.1:1"})
        created = [api.get("/proxies/a").json]
    again = populate(api, entry(listen=created[0]["listen"], enabled=enabled))
    assert again[0]["enabled"] is (not enabled)


@pytest.mark.parametrize("change", [{"upstream": "y:1"}, {"listen": "127.0.0.1:0"}])
def test_a_different_one_replaces_and_loses_toxics(api, change):
    old = populate(api, entry())[0]
    api.post("/proxies/a/toxics", {"type": "noop"})
    new = populate(api, entry(listen=old["listen"]) | change)[0]
    assert new["toxics"] == []
    assert (new["upstream"] == "y:1") if "upstream" in change else (new["listen"] != old["listen"])
    assert list(api.get("/proxies").json) == ["a"]


def test_replacing_drops_the_connections(api, link, wire):
    old = link()
    client, peer = old.open()
    populate(api, entry(old.name, listen=old.listen, upstream="127.0.0.1:9"))
    assert wire.rest(client)[0] == b""
    assert wire.rest(peer)[0] == b""


def test_replacing_may_disable(api):
    old = populate(api, entry())[0]
    assert populate(api, entry(listen=old["listen"], upstream="y:1", enabled=False))[0]["enabled"] is False


def test_a_disabled_proxy_with_unresolved_listen_counts_as_different(api):
    populate(api, entry(listen="localhost:0", enabled=False))
    api.post("/proxies/a/toxics", {"type": "noop"})
    again = populate(api, entry(listen="localhost:0", enabled=False))[0]
    assert again["toxics"] == []


def test_a_replacement_that_cannot_listen_leaves_the_old_one_stopped(api, upstream):
    old = populate(api, entry())[0]
    api.post("/proxies/a/toxics", {"type": "noop", "name": "t"})
    reply = api.post("/populate", [entry(listen=upstream().address, upstream="y:1")])
    assert (reply.status, reply.json["proxies"]) == (500, None)
    left = api.get("/proxies/a").json
    assert (left["upstream"], left["listen"], left["enabled"]) == ("x:1", old["listen"], False)
    assert [toxic["name"] for toxic in left["toxics"]] == ["t"]


def test_the_same_name_twice_in_one_body_is_one_proxy_twice(api):
    shown = populate(api, entry("a", upstream="x:1", enabled=False), entry("a", upstream="y:1", enabled=False))
    assert [proxy["upstream"] for proxy in shown] == ["x:1", "y:1"]
    assert api.get("/proxies/a").json["upstream"] == "y:1"


def test_an_unresolvable_listen_for_an_existing_name(api):
    populate(api, entry())
    reply = api.post("/populate", [entry(listen="bad")])
    assert (reply.status, reply.json["error"]) == (500, "address bad: missing port in address")
    assert api.get("/proxies/a").json["enabled"] is True


def test_reset_enables_and_removes_all_toxics(api):
    populate(api, entry("a"), entry("b", enabled=False), entry("c"))
    for name in "ab":
        for stream in ("upstream", "downstream"):
            api.post(f"/proxies/{name}/toxics", {"type": "latency", "stream": stream})
    api.patch("/proxies/c", {"enabled": False})
    listen = api.get("/proxies/c").json["listen"]
    reply = api.post("/reset")
    assert (reply.status, reply.body) == (204, b"")
    after = api.get("/proxies").json
    assert [(proxy["enabled"], proxy["toxics"]) for proxy in after.values()] == [(True, [])] * 3
    assert after["c"]["listen"] == listen
    assert after["b"]["listen"] != "127.0.0.1:0"


def test_reset_of_nothing(api):
    assert api.post("/reset").status == 204


def test_reset_keeps_open_connections(api, link, wire):
    kept = link()
    kept.toxic("latency", latency=1)
    client, peer = kept.open()
    assert api.post("/reset").status == 204
    client.sendall(b"on")
    assert wire.read(peer, 2) == b"on"
    peer.sendall(b"and on")
    assert wire.read(client, 6) == b"and on"


def test_reset_closes_what_a_timeout_toxic_held(api, link, wire):
    held = link()
    held.toxic("timeout", timeout=0)
    client, peer = held.open()
    peer.sendall(b"lost")
    assert wire.silent(client, 0.1)  # by now the connection stands on both sides, and the toxic has it
    assert api.post("/reset").status == 204
    assert wire.rest(client)[0] == b""
    assert wire.rest(peer)[0] == b""


def test_reset_is_500_if_a_proxy_cannot_start(api, upstream):
    taken = upstream().address
    populate(api, entry("a", listen=taken, enabled=False))
    reply = api.post("/reset")
    assert reply.status == 500
    assert reply.text == f'{{"error":"listen tcp {taken}: bind: address already in use","status":500}}\n'
    assert api.get("/proxies/a").json["enabled"] is False
