"""The config file."""

import json

import pytest

from chaoslib_ext.errors import BadFile
from chaoslib_ext.proxy.config import read

GOOD = {"name": "db", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:5432"}


def test_proxies_with_toxics_and_enabled(tmp_path):
    file = tmp_path / "c.json"
    file.write_text(
        json.dumps([{**GOOD, "enabled": False, "toxics": [{"type": "latency", "attributes": {"jitter": 3}}]}])
    )
    (body,) = read(file)
    assert (body.name, body.enabled) == ("db", False)
    assert body.toxics[0].toxic.attributes() == {"latency": 0, "jitter": 3}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "EOF"),
        ("{}", "cannot unmarshal object"),
        (json.dumps([GOOD, {"upstream": "x:1"}]), "name at proxy 2"),
        (json.dumps([{**GOOD, "toxics": [{"type": "nope"}]}]), "invalid toxic type (toxic 1 at proxy 1)"),
        (json.dumps([GOOD, {**GOOD, "listn": "x"}]), "a proxy has no listn; did you mean listen? (known: "),
        (json.dumps([{**GOOD, "toxics": [{"type": "noop", "toxicty": 0.5}]}]), "a toxic has no toxicty; did you mean"),
        (
            json.dumps([{**GOOD, "toxics": [{"type": "latency", "attributes": {"latncy": 9}}]}]),
            "toxic latency has no attribute latncy; did you mean latency? (known: jitter, latency) (at proxy 1)",
        ),
        (json.dumps([GOOD, {**GOOD, "upstream": "127.0.0.1:5433"}]), 'two proxies are named "db"'),
        (json.dumps([{**GOOD, "toxics": {}}]), "toxics must be a list of toxics, not object at proxy 1"),
        (json.dumps([{**GOOD, "toxics": [{"type": "noop"}] * 2}]), "toxic already exists (toxic 2 at proxy 1)"),
        (
            json.dumps([GOOD, {**GOOD, "toxics": [{"type": "bandwidth", "attributes": {"rate": -1}}]}]),
            "rate must be 0 (nothing passes) or more KB/s, not -1 (toxic 1 at proxy 2)",
        ),
    ],
)
def test_an_error_names_the_file_the_entry_and_the_reason(tmp_path, content, words):
    file = tmp_path / "c.json"
    file.write_text(content)
    with pytest.raises(BadFile) as caught:
        read(file)
    assert str(file) in str(caught.value)
    assert words in str(caught.value)


def test_an_entry_nested_without_end_is_refused_in_words(tmp_path):
    file = tmp_path / "c.json"
    file.write_text('[{"name":"a","upstream":"x:1","x":' + '{"x":' * 5000 + "1" + "}" * 5001 + "]")
    with pytest.raises(BadFile, match=r"nested too deeply \(at proxy 1\)"):
        read(file)


def test_a_missing_file(tmp_path):
    with pytest.raises(BadFile, match=r"none\.json: No such file"):
        read(tmp_path / "none.json")


def test_a_proxy_that_does_not_say_where_listens_on_this_machine_only(tmp_path):
    file = tmp_path / "c.json"
    file.write_text('[{"name": "a", "upstream": "x:1"}, {"name": "b", "upstream": "x:1", "listen": ""}]')
    assert [body.listen for body in read(file)] == ["127.0.0.1:0"] * 2


def test_what_the_original_prints_can_be_read_whatever_the_case_of_its_keys(tmp_path):
    file = tmp_path / "c.json"
    toxic = {"attributes": {"Latency": 5}, "name": "slow", "type": "latency", "stream": "downstream", "toxicity": 1}
    file.write_text(json.dumps([{"Logger": {}, "Name": "a", "LISTEN": ":1", "upstream": "x:1", "toxics": [toxic]}]))
    (body,) = read(file)
    assert (body.name, body.listen, body.toxics[0].toxic.attributes()["latency"]) == ("a", ":1", 5)
