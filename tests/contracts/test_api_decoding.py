"""How request bodies are read: as Go's encoding/json reads them, with its words when it can't."""

import json

import pytest

BAD_REQUEST = "bad request body: "


def problem(reply):
    """The decoder's words in a 400 answer, which is checked on the way."""
    assert reply.status == 400, reply
    assert reply.json["status"] == 400
    assert reply.text == json.dumps(reply.json, separators=(",", ":"), ensure_ascii=False) + "\n"
    assert reply.json["error"].startswith(BAD_REQUEST), reply.json
    return reply.json["error"].removeprefix(BAD_REQUEST)


@pytest.fixture
def toxics(api):
    """The toxics path of a disabled proxy p, in which latency `t` waits for updates."""
    assert api.post("/proxies", {"name": "p", "upstream": "x:1", "enabled": False}).status == 201
    path = "/proxies/p/toxics"
    assert api.post(path, {"type": "latency", "name": "t", "attributes": {"latency": 5}}).status == 200
    return path


@pytest.mark.parametrize(("body", "words"), [
    ("", "EOF"),
    ("  \n\t ", "EOF"),
    ("{", "unexpected EOF"),
    ("nul", "unexpected EOF"),
    ('{"name":"n"', "unexpected EOF"),
    ("[1", "unexpected EOF"),
    ('"abc', "unexpected EOF"),
    ("-", "unexpected EOF"),
    ("1.", "unexpected EOF"),
    ("x", "invalid character 'x' looking for beginning of value"),
    ("}", "invalid character '}' looking for beginning of value"),
    ("'a'", "invalid character '\\'' looking for beginning of value"),
    ('{"name":}', "invalid character '}' looking for beginning of value"),
    ('{name:"a"}', "invalid character 'n' looking for beginning of object key string"),
    ('{"name":"ok",}', "invalid character '}' looking for beginning of object key string"),
    ('{"name" "x"}', "invalid character '\"' after object key"),
    ('{"name":"x" "y"}', "invalid character '\"' after object key:value pair"),
    ('{"name":01}', "invalid character '1' after object key:value pair"),
    ("[1 2]", "invalid character '2' after array element"),
    ('{"enabled":tru}', "invalid character '}' in literal true (expecting 'e')"),
    ('{"enabled":falsy}', "invalid character 'y' in literal false (expecting 'e')"),
    ("nil", "invalid character 'i' in literal null (expecting 'u')"),
    ('{"enabled":True}', "invalid character 'T' looking for beginning of value"),
    ('{"name":"a\tb"}', "invalid character '\\t' in string literal"),
    ('{"name":"a\nb"}', "invalid character '\\n' in string literal"),
    ('{"name":"a\\q"}', "invalid character 'q' in string escape code"),
    ('{"name":"\\u12x4"}', "invalid character 'x' in \\u hexadecimal character escape"),
    ('{"name":-x}', "invalid character 'x' in numeric literal"),
    ('{"name":1.x}', "invalid character 'x' after decimal point in numeric literal"),
    ('{"name":1ex}', "invalid character 'x' in exponent of numeric literal"),
    ("NaN", "invalid character 'N' looking for beginning of value"),
    ("\x00", "invalid character '\\x00' looking for beginning of value"),
    ("\ufeff{}", "invalid character 'ï' looking for beginning of value"),
])  # fmt: skip
def test_a_syntax_error_says_what_stood_where(api, body, words):
    assert problem(api.post("/proxies", body)) == words
    assert api.get("/proxies").text == "{}"


@pytest.mark.parametrize(("body", "words"), [
    ("[]", "json: cannot unmarshal array into Go value of type toxiproxy.Proxy"),
    ("1", "json: cannot unmarshal number into Go value of type toxiproxy.Proxy"),
    ('"x"', "json: cannot unmarshal string into Go value of type toxiproxy.Proxy"),
    ("true", "json: cannot unmarshal bool into Go value of type toxiproxy.Proxy"),
    ({"name": 1}, "json: cannot unmarshal number into Go struct field Proxy.name of type string"),
    ({"name": {}}, "json: cannot unmarshal object into Go struct field Proxy.name of type string"),
    ({"upstream": ["a"]}, "json: cannot unmarshal array into Go struct field Proxy.upstream of type string"),
    ({"listen": False}, "json: cannot unmarshal bool into Go struct field Proxy.listen of type string"),
    ({"enabled": "yes"}, "json: cannot unmarshal string into Go struct field Proxy.enabled of type bool"),
    ({"enabled": 1}, "json: cannot unmarshal number into Go struct field Proxy.enabled of type bool"),
])  # fmt: skip
def test_a_wrong_type_in_a_proxy(api, body, words):
    if isinstance(body, dict):
        body = {"name": "n", "upstream": "x:1", **body}
    assert problem(api.post("/proxies", body)) == words
    assert api.get("/proxies").text == "{}"


@pytest.mark.parametrize(("value", "shown"), [
    ("1.5", "number 1.5"),
    ("1.0", "number 1.0"),
    ("1e3", "number 1e3"),
    ("1E3", "number 1E3"),
    ("9223372036854775808", "number 9223372036854775808"),
    ("-9223372036854775809", "number -9223372036854775809"),
    ('"1"', "string"),
    ('""', "string"),
    ("true", "bool"),
    ("[1]", "array"),
    ("{}", "object"),
])  # fmt: skip
def test_an_attribute_must_be_an_integer_literal(api, toxics, value, shown):
    body = f'{{"type":"latency","name":"n","attributes":{{"latency":{value}}}}}'
    words = f"json: cannot unmarshal {shown} into Go struct field LatencyToxic.attributes.latency of type int64"
    assert problem(api.post(toxics, body)) == words
    assert api.get(f"{toxics}/n").status == 404
    assert problem(api.patch(f"{toxics}/t", f'{{"attributes":{{"latency":{value}}}}}')) == words
    assert api.get(f"{toxics}/t").json["attributes"]["latency"] == 5


@pytest.mark.parametrize(("kind", "field", "struct", "of"), [
    ("latency", "jitter", "LatencyToxic", "int64"),
    ("bandwidth", "rate", "BandwidthToxic", "int64"),
    ("slow_close", "delay", "SlowCloseToxic", "int64"),
    ("timeout", "timeout", "TimeoutToxic", "int64"),
    ("reset_peer", "timeout", "ResetToxic", "int64"),
    ("slicer", "average_size", "SlicerToxic", "int"),
    ("slicer", "size_variation", "SlicerToxic", "int"),
    ("slicer", "delay", "SlicerToxic", "int"),
    ("limit_data", "bytes", "LimitDataToxic", "int64"),
])  # fmt: skip
def test_the_struct_is_named_for_every_toxic(api, toxics, kind, field, struct, of):
    reply = api.post(toxics, {"type": kind, "name": "n", "attributes": {field: "x"}})
    where = f"Go struct field {struct}.attributes.{field} of type {of}"
    assert problem(reply) == f"json: cannot unmarshal string into {where}"


@pytest.mark.parametrize(("body", "words"), [
    ({"name": 5}, "json: cannot unmarshal number into Go struct field ToxicWrapper.name of type string"),
    ({"type": 5}, "json: cannot unmarshal number into Go struct field ToxicWrapper.type of type string"),
    ({"stream": 5}, "json: cannot unmarshal number into Go struct field ToxicWrapper.stream of type string"),
    ({"toxicity": "1"}, "json: cannot unmarshal string into Go struct field ToxicWrapper.toxicity of type float32"),
    ({"toxicity": []}, "json: cannot unmarshal array into Go struct field ToxicWrapper.toxicity of type float32"),
    ({"attributes": 5},
     "json: cannot unmarshal number into Go struct field ToxicWrapper.attributes of type toxics.NoopToxic"),
    ({"attributes": []},
     "json: cannot unmarshal array into Go struct field ToxicWrapper.attributes of type toxics.NoopToxic"),
    ({"attributes": "x"},
     "json: cannot unmarshal string into Go struct field ToxicWrapper.attributes of type toxics.NoopToxic"),
])  # fmt: skip
def test_a_wrong_type_in_a_toxic(api, toxics, body, words):
    assert problem(api.post(toxics, {"type": "latency", "name": "n", **body})) == words
    assert len(api.get(toxics).json) == 1


def test_a_toxicity_beyond_float32_is_refused(api, toxics):
    reply = api.post(toxics, '{"type":"latency","name":"n","toxicity":1e39}')
    words = "json: cannot unmarshal number 1e39 into Go struct field ToxicWrapper.toxicity of type float32"
    assert problem(reply) == words


@pytest.mark.parametrize(("body", "words"), [
    ("", "EOF"),
    ("bad", "invalid character 'b' looking for beginning of value"),
    ({"attributes": 3}, "json: cannot unmarshal number into Go struct field .attributes of type toxics.LatencyToxic"),
    ({"toxicity": "x"}, "json: cannot unmarshal string into Go struct field .toxicity of type float32"),
])  # fmt: skip
def test_a_bad_update_of_a_toxic(api, toxics, body, words):
    before = api.get(f"{toxics}/t").text
    assert problem(api.patch(f"{toxics}/t", body)) == words
    assert api.get(f"{toxics}/t").text == before


@pytest.mark.parametrize(("path", "of"), [
    ("/proxies/p", "toxiproxy.Proxy"),
    ("/proxies/p/toxics", "toxics.ToxicWrapper"),
    ("/proxies/p/toxics/t",
     'struct { Attributes interface {} "json:\\"attributes\\""; Toxicity float32 "json:\\"toxicity\\"" }'),
])  # fmt: skip
def test_a_list_is_not_an_object(api, toxics, path, of):
    assert problem(api.post(path, "[]")) == f"json: cannot unmarshal array into Go value of type {of}"


@pytest.mark.parametrize(("opened", "closed"), [("[", "]"), ('{"x":', "}")])
def test_a_body_may_be_nested_ten_thousand_deep(api, opened, closed):
    def nested(depth):
        inner = opened * (depth - 1) + ("1" if closed == "}" else "") + closed * (depth - 1)
        return '{"name":"n","upstream":"x:1","enabled":false,"unknown":' + inner + "}"

    assert api.post("/proxies", nested(10_000)).status == 201
    assert problem(api.post("/proxies", nested(10_001))) == f"invalid character '{opened[0]}' exceeded max depth"
    assert problem(api.post("/proxies", opened * 9_000)) == "unexpected EOF"


def test_the_logger_that_a_proxy_shows_may_be_sent_back(api):
    body = {"name": "n", "upstream": "x:1", "enabled": False}
    assert api.post("/proxies", {**body, "Logger": {"x": 1}, "logger": None}).status == 201
    words = "json: cannot unmarshal number into Go struct field Proxy.Logger of type zerolog.Logger"
    assert problem(api.post("/proxies", {**body, "Logger": 5})) == words
    assert problem(api.patch("/proxies/n", {"Logger": 5})) == words


def test_a_long_s_is_an_s_in_a_key(api, toxics):
    assert api.post(toxics, '{"type":"noop","\u017ftream":"upstream"}').json["stream"] == "upstream"


@pytest.mark.parametrize("body", ['{"type":"latency"', "}", ""])
def test_an_unknown_target_is_found_before_a_bad_body(api, toxics, body):
    assert api.patch(f"{toxics}/none", body).text == '{"error":"toxic not found","status":404}\n'
    for path in ("/proxies/none", "/proxies/none/toxics", "/proxies/none/toxics/t"):
        assert api.post(path, body).text == '{"error":"proxy not found","status":404}\n'


@pytest.mark.parametrize("tail", ["junk", "}", '{"name":"second"}', "\x00", "]", "  \n"])
def test_only_the_first_value_is_read(api, toxics, tail):
    assert api.post("/proxies", '{"name":"q","upstream":"x:1","enabled":false}' + tail).status == 201
    assert api.post(toxics, '{"type":"noop"}' + tail).status == 200
    assert api.patch(f"{toxics}/t", '{"attributes":{"latency":6}}' + tail).json["attributes"]["latency"] == 6
    assert api.patch("/proxies/q", '{"upstream":"y:1"}' + tail).json["upstream"] == "y:1"
    assert api.post("/populate", "[]" + tail).status == 201


def test_keys_are_read_in_any_case(api, toxics):
    reply = api.post("/proxies", '{"NAME":"q","UpStream":"y:1","ENABLED":false,"lisTEN":"localhost:0"}')
    assert (reply.json["name"], reply.json["upstream"], reply.json["enabled"]) == ("q", "y:1", False)
    body = '{"TYPE":"latency","Stream":"upstream","Toxicity":0.5,"ATTRIBUTES":{"Latency":7,"JITTER":8}}'
    reply = api.post(toxics, body)
    assert reply.json["attributes"] == {"latency": 7, "jitter": 8}
    assert (reply.json["name"], reply.json["toxicity"]) == ("latency_upstream", 0.5)
    reply = api.patch(f"{toxics}/t", '{"ATTRIBUTES":{"LATENCY":55},"TOXICITY":0.25}')
    assert (reply.json["attributes"]["latency"], reply.json["toxicity"]) == (55, 0.25)


def test_the_last_of_equal_keys_wins_and_objects_merge(api, toxics):
    assert api.post("/proxies", '{"name":"a","NAME":"b","upstream":"x:1","enabled":false}').json["name"] == "b"
    reply = api.post(toxics, '{"type":"latency","Attributes":{"latency":1,"jitter":9},"attributes":{"jitter":2}}')
    assert reply.json["attributes"] == {"latency": 1, "jitter": 2}


def test_unknown_keys_are_ignored(api, toxics):
    body = {"name": "q", "upstream": "x:1", "enabled": False, "tomb": 1, "extra": {"deep": [1, {}]}}
    assert api.post("/proxies", body).status == 201
    assert api.post(toxics, {"type": "noop", "Direction": 9, "Index": 7, "BufferSize": -1, "z": None}).status == 200
    reply = api.post(toxics, {"type": "latency", "attributes": {"rate": "x", "latency": 3}})
    assert reply.json["attributes"] == {"latency": 3, "jitter": 0}


@pytest.mark.parametrize("kept", ["name", "upstream", "listen", "enabled"])
def test_null_keeps_a_proxy_s_default(api, kept):
    body = {"name": "q", "upstream": "x:1", "listen": "localhost:0", "enabled": False, kept: None}
    reply = api.post("/proxies", body)
    if kept in ("name", "upstream"):
        assert reply.text == f'{{"error":"missing required field: {kept}","status":400}}\n'
    else:
        assert reply.status == 201
        assert reply.json["enabled"] is (kept == "enabled")


def test_null_keeps_a_toxic_s_default(api, toxics):
    body = {"type": "latency", "name": None, "stream": None, "toxicity": None, "attributes": None}
    assert api.post(toxics, body).text == (
        '{"attributes":{"latency":0,"jitter":0},"name":"latency_downstream","type":"latency","stream":"downstream",'
        '"toxicity":1}'
    )
    reply = api.post(toxics, {"type": "latency", "name": "n", "attributes": {"latency": None, "jitter": 4}})
    assert reply.json["attributes"] == {"latency": 0, "jitter": 4}


def test_null_as_a_whole_body_is_all_defaults(api, toxics):
    assert api.post("/proxies", "null").text == '{"error":"missing required field: name","status":400}\n'
    assert api.post(toxics, "null").text == '{"error":"invalid toxic type","status":400}\n'
    before = api.get(f"{toxics}/t").text
    assert api.patch(f"{toxics}/t", "null").text == before
    assert api.post("/populate", "null").text == '{"proxies":null}'


def test_null_in_an_update_keeps_the_value(api, toxics):
    before = api.get(f"{toxics}/t").text
    assert api.patch(f"{toxics}/t", {"attributes": None, "toxicity": None}).text == before
    assert api.patch(f"{toxics}/t", {"attributes": {"latency": None}}).text == before


def test_the_ends_of_int64_are_kept_exactly(api, toxics):
    body = '{"type":"latency","name":"n","attributes":{"latency":9223372036854775807,"jitter":-9223372036854775808}}'
    assert '"attributes":{"latency":9223372036854775807,"jitter":-9223372036854775808}' in api.post(toxics, body).text


def test_text_goes_out_as_go_escapes_it(api):
    body = {"name": 'a<b>&c"\\\u2028\u2029\x01\x1f\x7f.é😀\n\t\b\f\r', "upstream": "x:1", "enabled": False}
    reply = api.post("/proxies", json.dumps(body))
    assert reply.status == 201
    assert reply.text.startswith(
        '{"name":"a\\u003cb\\u003e\\u0026c\\"\\\\\\u2028\\u2029\\u0001\\u001f\x7f.é😀\\n\\t\\b\\f\\r","listen":""'
    )


def test_what_is_not_unicode_becomes_the_replacement_character(api):
    lone = api.post("/proxies", '{"name":"\\ud800x","upstream":"x:1","enabled":false}')
    assert lone.json["name"] == "\ufffdx"
    raw = api.post("/proxies", b'{"name":"\xff\xfe","upstream":"x:1","enabled":false}')
    assert raw.json["name"] == "\ufffd\ufffd"


@pytest.mark.parametrize(("written", "read"), [
    ("0.123456789", "0.12345679"),
    ("1", "1"),
    ("1.0", "1"),
    ("0", "0"),
    ("-0", "-0"),
    ("0.1", "0.1"),
    ("0.3333333333", "0.33333334"),
    ("-3.5", "-3.5"),
    ("2", "2"),
    ("16777217", "16777216"),
    ("1e10", "10000000000"),
    ("1e21", "1e+21"),
    ("123456789012345678901", "123456790000000000000"),
    ("0.000001", "0.000001"),
    ("1e-7", "1e-7"),
    ("1.5e-10", "1.5e-10"),
    ("3.4028234e38", "3.4028235e+38"),
    ("1e-50", "0"),
])  # fmt: skip
def test_toxicity_is_a_float32_printed_as_short_as_can_be(api, toxics, written, read):
    reply = api.post(toxics, f'{{"type":"noop","name":"n","toxicity":{written}}}')
    assert reply.text.endswith(f'"toxicity":{read}}}'), reply.text
    assert api.get(f"{toxics}/n").text == reply.text
