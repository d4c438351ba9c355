"""A fault as an approval holds it: every field counts, a server in any spelling, a secret by its HMAC."""

from typing import Any

import pytest
import yaml

from chaoslib_ext.safety.approved_fault import ApprovedFault, Hidden, why_none_is

KEY = "ab" * 32


def fault(**changed: Any) -> ApprovedFault:
    told: dict[str, Any] = {
        "server": "http://127.0.0.1:8474",
        "link": "cache-a",
        "upstream": "127.0.0.1:6379",
        "fault": "latency",
        "settings": {"latency_ms": 10, "toxicity": 1.0, "stream": "downstream"},
        "duration_s": 5.0,
    }
    return ApprovedFault(**{**told, **changed})


def settings(**changed: Any) -> dict[str, Any]:
    return {"settings": {**fault().settings, **changed}}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"server": "http://127.0.0.1:8475"}, "server http://127.0.0.1:8475 instead of http://127.0.0.1:8474"),
        ({"upstream": "127.0.0.1:5432"}, "it leads to 127.0.0.1:5432 instead of 127.0.0.1:6379"),
        ({"link": "orders-db"}, "link orders-db was not in what was approved (cache-a)"),
        ({"fault": "down"}, "on cache-a: fault down instead of latency"),
        (settings(latency_ms=900), "on cache-a: latency_ms 900 instead of 10"),
        (settings(latency_ms=9), "latency_ms 9 instead of 10"),
        (settings(toxicity=0.5), "toxicity 0.5 instead of 1"),
        (settings(stream="upstream"), "stream upstream instead of downstream"),
        (settings(seed=7), "seed 7 instead of none"),
        ({"duration_s": 6.0}, "duration_s 6 instead of 5"),
        ({"duration_s": None}, "duration_s none instead of 5"),
    ],
)
def test_each_field_counts_and_its_difference_is_named(changed: dict[str, Any], says: str) -> None:
    why = why_none_is([fault()], fault(**changed), "00")
    assert why is not None and says in why


def test_the_same_fault_on_the_same_server_in_another_spelling_was_seen() -> None:
    assert why_none_is([fault()], fault(server="HTTP://localhost:8474/", upstream="localhost:6379"), "00") is None


def test_of_several_the_nearest_is_compared() -> None:
    approved = [fault(fault="timeout", settings={}), fault()]
    assert why_none_is(approved, fault(**settings(latency_ms=11)), "00") == "on cache-a: latency_ms 11 instead of 10"


def test_where_no_server_was_asked_only_names_and_values_are_compared() -> None:
    assert why_none_is([fault()], fault(server="", upstream=""), "00") is None


def test_a_secret_is_kept_as_a_keyed_hash_of_its_final_value_and_its_difference_tells_no_value() -> None:
    hidden = fault().without({"latency_ms", "link", "duration_s"}, KEY)
    assert isinstance(hidden.link, Hidden) and isinstance(hidden.settings["latency_ms"], Hidden)
    again = ApprovedFault.model_validate(yaml.safe_load(yaml.safe_dump(hidden.model_dump(mode="json"))))
    assert again == hidden and why_none_is([again], fault(), KEY) is None
    assert why_none_is([again], fault(), "cd" * 32) is not None, "the key counts"
    why = why_none_is([again], fault(**settings(latency_ms=900)), KEY)
    assert why == "on cache-a: latency_ms is another value, which comes from a secret"
    assert "cache-a" not in hidden.says and "10" not in hidden.says.replace("127.0.0.1", "")
    every = fault().without({"*"}, KEY)
    assert all(isinstance(value, Hidden) for value in every.settings.values())


def test_what_a_hand_wrote_into_the_file_and_no_fault_can_be_approves_nothing() -> None:
    assert why_none_is([fault(**settings(latency_ms=float("nan")))], fault(), "00") is not None
