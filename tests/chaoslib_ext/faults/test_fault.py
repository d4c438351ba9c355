"""What all faults share: settings in words, and a command that a person can type."""

import pytest

from chaoslib_ext.errors import BadAttribute
from chaoslib_ext.faults.fault import curl
from chaoslib_ext.faults.proxy_down import ProxyDown
from chaoslib_ext.faults.toxic import Toxic


def test_durations_are_written_as_people_write_them() -> None:
    assert ProxyDown.of(proxy="web", duration="2m").duration == 120
    with pytest.raises(BadAttribute, match="30s, 2m or 500ms"):
        ProxyDown.of(proxy="web", duration="soon")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"toxicity": 1.5}, "toxicity .* less than or equal to 1, not 1.5"),
        ({"toxicity": -0.1}, "toxicity"),
        ({"stream": "sideways"}, "stream .*'upstream'"),
        ({"seed": 2**64}, "64 bits"),
        ({"attributes": {"latency_ms": "slow"}}, "latency"),
        ({"proxy": "web\ud800"}, "proxy .*half a character"),
        ({"proxy": ["web", "\ud800"]}, "proxy.* .*half a character"),
        ({"duration": 10**400}, "shorter than a year"),
        ({"colour": "red"}, "colour is not one of its settings"),
        ({"toxicity": 0}, "^latency: a toxicity of 0 hits nothing; leave the action out$"),
        ({"toxicity": 1e-60}, "hits nothing"),
        ({"duration": "5 parsecs"}, "^latency: duration '5 parsecs' is not a duration; write for example .* 500ms$"),
    ],
)
def test_settings_out_of_range_are_refused_before_anything_is_touched(wrong: dict[str, object], says: str) -> None:
    good = {"proxy": "web", "type": "latency", "attributes": {"latency_ms": 1}}
    with pytest.raises(BadAttribute, match=says):
        Toxic.of(**{**good, **wrong})


def test_the_command_to_type_is_safe_to_paste() -> None:
    told = curl("POST", "http://h:1/proxies/a;b", '{"enabled": true}')
    assert told == """curl -sS -X POST -d '{"enabled": true}' 'http://h:1/proxies/a;b'"""
