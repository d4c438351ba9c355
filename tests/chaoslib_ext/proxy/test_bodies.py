"""What clients send: the contract tests hold bodies against the real server; here is what only ours takes."""

import json

import pytest

from chaoslib_ext.proxy.bodies import ApiError, new_proxy, new_toxic, populated, proxy_changes, toxic_changes

PROXY = {"name": "p", "upstream": "x:1"}


def body(**fields):
    return json.dumps(fields).encode()


def test_a_proxy_comes_with_its_toxics_in_order():
    toxics = [{"type": "latency", "name": "a"}, {"type": "noop", "stream": "upstream", "seed": 3}]
    made = new_proxy(body(**PROXY, toxics=toxics))
    assert [(placed.name, placed.type, placed.direction, placed.seed) for placed in made.toxics] == [
        ("a", "latency", "downstream", None),
        ("noop_upstream", "noop", "upstream", 3),
    ]


@pytest.mark.parametrize("toxics", ["", 0, {}, True, "x"])
def test_toxics_that_are_no_list_are_refused(toxics):
    with pytest.raises(ApiError, match="toxics must be a list of toxics, not"):
        new_proxy(body(**PROXY, toxics=toxics))


def test_one_bad_toxic_names_its_place():
    entries = [PROXY, {**PROXY, "toxics": [{"type": "noop"}, {"type": "nope"}]}]
    with pytest.raises(ApiError, match=r"invalid toxic type \(toxic 2 at proxy 2\)"):
        populated(json.dumps(entries).encode())


def test_a_server_s_own_answer_can_be_put_back():
    placed = new_toxic(body(type="latency", attributes={"latency": 5}, toxicity=0.1, seed=7), [])
    again = new_toxic(json.dumps(placed.as_json()).encode(), [])
    assert again.as_json() == placed.as_json()


def test_an_update_leaves_the_old_settings_alone_whatever_happens():
    placed = new_toxic(body(type="slicer", attributes={"average_size": 10, "size_variation": 5}), [])
    changed, toxicity = toxic_changes(body(attributes={"delay": 3}, toxicity=0.5), placed)
    assert (changed.average_size, changed.delay, toxicity) == (10, 3, 0.5)
    with pytest.raises(ApiError, match="size_variation must be from 0 to average_size"):
        toxic_changes(body(attributes={"average_size": 2}), placed)
    assert (placed.toxic.average_size, placed.toxic.delay, placed.toxicity) == (10, 0, 1.0)


def test_an_update_of_a_proxy_takes_neither_name_nor_toxics():
    changes = proxy_changes(body(name="q", upstream="y:1", toxics=[{"type": "nope"}]))
    assert changes == {"upstream": "y:1"}


def test_a_seed_is_an_integer():
    with pytest.raises(ApiError, match=r"ToxicWrapper\.seed of type int64"):
        new_toxic(body(type="noop", seed="7"), [])
