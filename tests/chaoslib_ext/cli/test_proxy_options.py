"""The words and numbers that the `chaos proxy` commands share."""

import pytest

from chaoslib_ext.cli._proxy_options import many, parse_attributes, proxy_in_words, toxic_in_words
from chaoslib_ext.errors import BadAttribute
from chaoslib_ext.proxy.state import ProxyState, ToxicState

SLOW = ToxicState(name="slow", type="latency", stream="upstream", toxicity=0.25, attributes={"latency": 5}, seed=7)


def test_attributes_keep_their_kind_of_number() -> None:
    assert parse_attributes(["latency=400", "loss_rate=0.1", "rate=-1", "big=1e3"]) == {
        "latency": 400,
        "loss_rate": 0.1,
        "rate": -1,
        "big": 1000.0,
    }


@pytest.mark.parametrize("text", ["latency", "latency=", "latency=400ms", "=", "latency=4,0"])
def test_what_is_no_number_is_refused_with_the_form_to_write(text: str) -> None:
    with pytest.raises(BadAttribute, match="is not KEY=NUMBER; write for example -a latency=400"):
        parse_attributes([text])


def test_a_toxic_and_a_proxy_in_words() -> None:
    assert toxic_in_words(SLOW) == "latency upstream latency=5 on 25 % of the connections seed=7"
    assert toxic_in_words(SLOW.model_copy(update={"toxicity": 1.0, "seed": None})) == "latency upstream latency=5"
    web = ProxyState(name="web", listen="a:1", upstream="b:2", enabled=False, toxics=(SLOW,))
    assert proxy_in_words(web) == "web (a:1 -> b:2, disabled, 1 toxic)"


def test_one_and_many() -> None:
    assert [many(n, "proxy", "proxies") for n in (0, 1, 2)] == ["0 proxies", "1 proxy", "2 proxies"]
