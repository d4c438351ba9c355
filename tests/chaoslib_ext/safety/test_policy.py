"""What a policy may say: the models, their schema, and the words of faults."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema
import pytest

from chaoslib_ext.faults.proxy_down import ProxyDown
from chaoslib_ext.faults.settings import SETTINGS
from chaoslib_ext.faults.toxic import Toxic
from chaoslib_ext.safety.policy import KINDS, AtLeast, AtMost, Blackout, Policy, Rule
from chaoslib_ext.safety.policy_words import TOXICS

RULE: dict[str, Any] = {"name": "x", "allow": "any", "links": "*"}


def test_every_kind_of_fault_has_its_word() -> None:
    assert set(KINDS) == {"any", "any toxic", *SETTINGS, ProxyDown.of(proxy="x").kind}


def test_any_toxic_means_the_toxics_there_are() -> None:
    assert set(TOXICS) == set(SETTINGS)


def test_every_setting_that_hurts_can_be_limited() -> None:
    limited = set(AtMost.model_fields) | set(AtLeast.model_fields)
    known = {name for model in SETTINGS.values() for name in model.model_fields}
    assert known - limited == {"size_variation_bytes"}, "it only varies what average_size_bytes limits"
    assert limited - known == {"duration", "toxicity"}


def test_a_fault_tells_its_strength_by_these_names() -> None:
    fault = Toxic.of(proxy="x", type="latency", attributes={"latency": 400, "jitter_ms": 50}, toxicity=0.5)
    assert fault.strength() == {"latency_ms": 400, "jitter_ms": 50, "toxicity": 0.5}
    assert ProxyDown.of(proxy="x").strength() == {}


def test_the_schema_takes_what_the_models_take() -> None:
    schema = Policy.model_json_schema()
    good = {
        "schema_version": 1,
        "zone": "UTC",
        "windows": {"w": {"days": "mon-fri", "from": "09:00", "to": "17:00"}, "v": {"days": ["mon", "wed"]}},
        "blackouts": [{"from": "2026-12-24", "to": "2026-12-25 18:00"}],
        "rules": [
            RULE,
            {**RULE, "name": "y", "allow": ["latency"], "links": ["a"], "when": "w", "at_most": {"duration": "2m"}},
        ],
    }
    Policy.model_validate(good)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(good, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**good, "rulez": []}, schema)


def test_a_wider_limit_keeps_what_it_does_not_name() -> None:
    rule = Rule.model_validate(
        {
            **RULE,
            "at_most": {"duration": "1m", "latency_ms": 200},
            "or_with_approval": {"at_most": {"duration": "10m"}},
        }
    )
    assert rule.approved is not None
    assert rule.approved.at_most.duration == 600 and rule.approved.at_most.latency_ms == 200
    assert Rule.model_validate(RULE).approved is None
    assert Rule.model_validate({**RULE, "approval": "required"}).approved is not None


def test_a_blackout_by_days_holds_to_the_end_of_the_last_one() -> None:
    span = Blackout.model_validate({"from": "2026-12-24", "to": "2026-12-26"}).span(ZoneInfo("Europe/Berlin"))
    assert not span.holds(datetime(2026, 12, 23, 22, 59, tzinfo=UTC))
    assert span.holds(datetime(2026, 12, 23, 23, 0, tzinfo=UTC))
    assert span.holds(datetime(2026, 12, 26, 22, 59, tzinfo=UTC))
    assert not span.holds(datetime(2026, 12, 26, 23, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"from": "2026-12-26", "to": "2026-12-24"}, "ends before it begins"),
        ({"from": "2026-12-26", "to": "9999-12-31"}, "between the years 2 and 9998"),
        ({"from": "0001-01-01", "to": "2026-12-31"}, "between the years 2 and 9998"),
        ({"from": "christmas", "to": "2026-12-24"}, "is no date"),
        ({"from": "2026-12-24T10:00Z", "to": "2026-12-25"}, "has a zone of its own"),
    ],
)
def test_a_blackout_that_makes_no_sense_is_refused(given: dict[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Blackout.model_validate(given)
