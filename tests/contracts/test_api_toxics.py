"""Toxics over the API: create, show, list, update, delete, and what each refuses."""

import pytest

pytestmark = pytest.mark.joins("proxy", "toxiproxy-embedded", "toxiproxy-go")

NO_PROXY = '{"error":"proxy not found","status":404}\n'
NO_TOXIC = '{"error":"toxic not found","status":404}\n'
BAD_STREAM = '{"error":"stream was invalid, can be either upstream or downstream","status":400}\n'
BAD_TYPE = '{"error":"invalid toxic type","status":400}\n'

DEFAULTS = {
    "latency": '{"latency":0,"jitter":0}',
    "slow_close": '{"delay":0}',
    "timeout": '{"timeout":0}',
    "reset_peer": '{"timeout":0}',
    "limit_data": '{"bytes":0}',
    "bandwidth": '{"rate":0}',
    "slicer": '{"average_size":0,"size_variation":0,"delay":0}',
    "noop": "{}",
}
FULL = {
    "latency": {"latency": 100, "jitter": 10},
    "bandwidth": {"rate": 1000},
    "slow_close": {"delay": 50},
    "timeout": {"timeout": 60000},
    "reset_peer": {"timeout": 70},
    "slicer": {"average_size": 64, "size_variation": 32, "delay": 10},
    "limit_data": {"bytes": 1048576},
    "noop": {},
}


@pytest.fixture
def toxics(api):
    """The toxics path of a started proxy p."""
    assert api.post("/proxies", {"name": "p", "upstream": "127.0.0.1:9", "listen": "127.0.0.1:0"}).status == 201
    return "/proxies/p/toxics"


def names(api, path="/proxies/p/toxics"):
    return [toxic["name"] for toxic in api.get(path).json]


def test_there_are_none_at_first(api, toxics):
    reply = api.get(toxics)
    assert (reply.status, reply.text) == (200, "[]")


@pytest.mark.parametrize("kind", DEFAULTS)
def test_a_type_alone_makes_a_toxic_with_every_default_shown(api, toxics, kind):
    reply = api.post(toxics, {"type": kind})
    assert (reply.status, reply.text) == (
        200,
        f'{{"attributes":{DEFAULTS[kind]},"name":"{kind}_downstream","type":"{kind}","stream":"downstream","toxicity":1}}',
    )


@pytest.mark.parametrize("kind", FULL)
@pytest.mark.parametrize("stream", ["upstream", "downstream"])
def test_each_toxic_comes_back_as_it_was_given(api, toxics, kind, stream):
    body = {"attributes": FULL[kind], "name": "t", "type": kind, "stream": stream, "toxicity": 0.5}
    reply = api.post(toxics, body)
    assert (reply.status, reply.json) == (200, body)
    assert list(reply.json["attributes"]) == list(FULL[kind])
    assert list(reply.json) == ["attributes", "name", "type", "stream", "toxicity"]
    assert api.get(f"{toxics}/t").text == reply.text
    assert api.get(toxics).text == f"[{reply.text}]"
    assert api.get("/proxies/p").json["toxics"] == [body]
    assert api.get("/proxies").json["p"]["toxics"] == [body]


@pytest.mark.parametrize(("given", "name"), [
    ({}, "latency_downstream"),
    ({"stream": "upstream"}, "latency_upstream"),
    ({"stream": "Upstream"}, "latency_Upstream"),
    ({"stream": "DOWNSTREAM"}, "latency_DOWNSTREAM"),
    ({"name": ""}, "latency_downstream"),
    ({"name": "my own"}, "my own"),
])  # fmt: skip
def test_the_name_is_made_of_type_and_stream(api, toxics, given, name):
    reply = api.post(toxics, {"type": "latency", **given})
    assert (reply.status, reply.json["name"]) == (200, name)
    assert reply.json["stream"] == given.get("stream", "downstream")


@pytest.mark.parametrize("stream", ["", "sideways", " upstream", "up", "both"])
def test_the_stream_is_upstream_or_downstream(api, toxics, stream):
    reply = api.post(toxics, {"type": "latency", "stream": stream})
    assert (reply.status, reply.text) == (400, BAD_STREAM)
    assert reply.header("Content-Type") == "text/plain; charset=utf-8"


@pytest.mark.parametrize("kind", ["", "down", "Latency", "LATENCY", "nope", "latency "])
def test_the_type_must_be_known_exactly(api, toxics, kind):
    assert api.post(toxics, {"type": kind}).text == BAD_TYPE
    assert names(api) == []


def test_no_type_is_an_invalid_type(api, toxics):
    assert (api.post(toxics, "{}").status, api.post(toxics, "{}").text) == (400, BAD_TYPE)


def test_the_stream_is_checked_before_the_type_and_the_type_before_the_name(api, toxics):
    assert api.post(toxics, {"type": "nope", "stream": "x"}).text == BAD_STREAM
    api.post(toxics, {"type": "latency", "name": "t"})
    assert api.post(toxics, {"type": "nope", "name": "t"}).text == BAD_TYPE


def test_the_name_is_checked_before_the_attributes(api, toxics):
    api.post(toxics, {"type": "latency", "name": "t"})
    assert api.post(toxics, {"type": "latency", "name": "t", "attributes": {"latency": "x"}}).status == 409


def test_a_name_exists_once_over_both_streams_and_all_types(api, toxics):
    api.post(toxics, {"type": "latency", "name": "t"})
    for body in ({"type": "latency"}, {"type": "noop"}, {"type": "latency", "stream": "upstream"}):
        reply = api.post(toxics, {**body, "name": "t"})
        assert (reply.status, reply.text) == (409, '{"error":"toxic already exists","status":409}\n')
    assert len(names(api)) == 1


def test_default_names_collide_only_in_their_stream(api, toxics):
    assert [api.post(toxics, {"type": "latency", "stream": s}).status for s in ("upstream", "downstream")] == [200] * 2
    assert [api.post(toxics, {"type": "latency", "stream": s}).status for s in ("upstream", "downstream")] == [409] * 2


def test_two_proxies_have_toxics_of_their_own(api, toxics):
    api.post("/proxies", {"name": "q", "upstream": "x:1", "enabled": False})
    assert api.post(toxics, {"type": "latency"}).status == 200
    assert api.post("/proxies/q/toxics", {"type": "latency"}).status == 200
    api.delete(f"{toxics}/latency_downstream")
    assert names(api, "/proxies/q/toxics") == ["latency_downstream"]


def test_upstream_comes_first_then_the_order_of_adding(api, toxics):
    for name, stream in [("d1", "downstream"), ("u1", "upstream"), ("d0", "downstream"), ("u0", "Upstream")]:
        api.post(toxics, {"type": "noop", "name": name, "stream": stream})
    assert names(api) == ["u1", "u0", "d1", "d0"]
    api.delete(f"{toxics}/u1")
    api.post(toxics, {"type": "noop", "name": "u1", "stream": "upstream"})
    api.patch(f"{toxics}/d1", {"toxicity": 0.5})
    assert names(api) == ["u0", "u1", "d1", "d0"]
    assert [toxic["name"] for toxic in api.get("/proxies/p").json["toxics"]] == ["u0", "u1", "d1", "d0"]


@pytest.mark.parametrize("toxicity", [0, 0.25, 1, 2, -3.5])
def test_toxicity_has_no_range(api, toxics, toxicity):
    assert api.post(toxics, {"type": "noop", "toxicity": toxicity}).json["toxicity"] == toxicity
    assert api.patch(f"{toxics}/noop_downstream", {"toxicity": -toxicity}).json["toxicity"] == -toxicity


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_toxics_of_an_unknown_proxy_are_404(api, method):
    assert api.ask(method, "/proxies/none/toxics", '{"type":"noop"}').text == NO_PROXY


@pytest.mark.parametrize("method", ["GET", "PATCH", "POST", "DELETE"])
def test_an_unknown_toxic_is_404(api, toxics, method):
    reply = api.ask(method, f"{toxics}/none", "{}")
    assert (reply.status, reply.text) == (404, NO_TOXIC)
    assert api.ask(method, "/proxies/none/toxics/none", "{}").text == NO_PROXY


@pytest.mark.parametrize("method", ["PATCH", "POST"])
def test_update_merges_attributes(api, toxics, method):
    api.post(toxics, {"type": "latency", "name": "t", "attributes": {"latency": 5, "jitter": 6}})
    reply = api.ask(method, f"{toxics}/t", {"attributes": {"jitter": 7}})
    assert reply.status == 200
    assert reply.text == (
        '{"attributes":{"latency":5,"jitter":7},"name":"t","type":"latency","stream":"downstream","toxicity":1}'
    )
    assert api.get(f"{toxics}/t").text == reply.text


def test_update_of_toxicity_alone_and_of_attributes_alone(api, toxics):
    api.post(toxics, {"type": "latency", "name": "t", "toxicity": 0.5, "attributes": {"latency": 5}})
    assert api.patch(f"{toxics}/t", {"attributes": {"latency": 6}}).json["toxicity"] == 0.5
    assert api.patch(f"{toxics}/t", {"toxicity": 0.75}).json["attributes"] == {"latency": 6, "jitter": 0}
    assert api.get(f"{toxics}/t").json["toxicity"] == 0.75


def test_update_ignores_name_type_and_stream(api, toxics):
    before = api.post(toxics, {"type": "latency", "name": "t"}).text
    assert api.patch(f"{toxics}/t", {"name": "z", "type": "noop", "stream": "upstream"}).text == before
    assert names(api) == ["t"]


def test_an_empty_update_is_200(api, toxics):
    before = api.post(toxics, {"type": "latency", "name": "t", "attributes": {"latency": 5}}).text
    assert api.patch(f"{toxics}/t", "{}").text == before


def test_delete_takes_one_and_only_one(api, toxics):
    for name in ("a", "b", "c"):
        api.post(toxics, {"type": "noop", "name": name})
    assert api.delete(f"{toxics}/b").status == 204
    assert names(api) == ["a", "c"]
    assert api.delete(f"{toxics}/b").text == NO_TOXIC
    assert api.post(toxics, {"type": "noop", "name": "b"}).status == 200
    assert names(api) == ["a", "c", "b"]


def test_toxics_of_a_disabled_proxy(api, toxics):
    api.patch("/proxies/p", {"enabled": False})
    assert api.post(toxics, {"type": "latency", "name": "t"}).status == 200
    assert api.patch(f"{toxics}/t", {"attributes": {"latency": 1}}).status == 200
    assert api.delete(f"{toxics}/t").status == 204


def test_odd_names_are_names(api, toxics):
    for name, path in [("<x>", "%3Cx%3E"), ("a b", "a%20b"), ("é", "%C3%A9"), ("50%", "50%25"), ("cx-1-latency", None)]:
        assert api.post(toxics, {"type": "noop", "name": name}).status == 200
        assert api.get(f"{toxics}/{path or name}").json["name"] == name
        assert api.delete(f"{toxics}/{path or name}").status == 204


def test_a_toxic_with_a_slash_cannot_be_addressed_as_it_is_but_reset(api, toxics):
    assert api.post(toxics, {"type": "noop", "name": "a/b"}).status == 200
    assert api.delete(f"{toxics}/a/b").status == 404
    assert api.post("/reset").status == 204
    assert names(api) == []


def test_many_toxics_on_one_proxy(api, toxics):
    wanted = [f"t{number:03}" for number in range(60)]
    for name in wanted:
        assert api.post(toxics, {"type": "noop", "name": name}).status == 200
    assert names(api) == wanted
    assert len(api.get("/proxies").json["p"]["toxics"]) == 60  # long enough to be sent in chunks


def test_deleting_the_proxy_takes_its_toxics(api, toxics):
    api.post(toxics, {"type": "noop", "name": "t"})
    api.delete("/proxies/p")
    api.post("/proxies", {"name": "p", "upstream": "x:1", "enabled": False})
    assert names(api) == []
