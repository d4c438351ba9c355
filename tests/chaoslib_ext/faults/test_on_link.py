"""What a link feels besides: what the server shows, made by anybody; and what earlier steps will have put in."""

import threading
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.errors import GuardRefused
from chaoslib_ext.faults.fault import Fault
from chaoslib_ext.faults.inject import check, inject
from chaoslib_ext.faults.on_link import Ahead, on_link
from chaoslib_ext.faults.proxy_down import ProxyDown
from chaoslib_ext.faults.run import end_current
from chaoslib_ext.faults.targets import target_of
from chaoslib_ext.faults.toxic import Toxic
from chaoslib_ext.model import Target
from chaoslib_ext.safety import policy_place
from chaoslib_ext.safety.strength import OnLink
from chaoslib_ext.testing.faults import World

pytestmark = pytest.mark.joins("faults", "safety", "proxy")

LIMIT = "schema_version: 1\nrules: [{name: x, allow: any, links: '*', at_most: {latency_ms: 100, toxicity: 1}}]\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_place, "SITE", tmp_path / "etc.yaml")
    monkeypatch.chdir(tmp_path)


def slow(latency: int = 60, proxy: str = "web-http", **more: Any) -> Fault:
    return Toxic.of(proxy=proxy, type="latency", attributes={"latency_ms": latency}, **more)


def target(world: World, name: str = "web-http") -> Target:
    return target_of(world.client, world.client.proxy(name))


def test_faults_on_one_link_count_together_in_both_directions_and_whoever_put_them_in(world: World) -> None:
    Path("chaos-policy.yaml").write_text(LIMIT)
    inject(slow(60))
    for stream in ("downstream", "upstream"):
        with pytest.raises(GuardRefused, match=r"latency_ms is 101, with the jitter and what else is on the link"):
            inject(slow(41, stream=stream))
    world.client.add_toxic(
        "web-http", "latency", name="by-hand", stream="upstream", toxicity=1.0, attributes={"latency": 30, "jitter": 5}
    )
    with pytest.raises(GuardRefused, match="latency_ms is 101"):
        check(slow(6))
    inject(slow(5))
    assert check(slow(100, "orders-postgresql")), "another link"
    end_current()
    with pytest.raises(GuardRefused, match="latency_ms is 101"):
        check(slow(66))
    world.client.remove_toxic("web-http", "by-hand")
    assert check(slow(100))


def test_two_at_once_are_asked_one_after_the_other(world: World) -> None:
    Path("chaos-policy.yaml").write_text(LIMIT)
    inject(slow(1))
    both, refused = threading.Barrier(2), list[str]()

    def put(latency: int) -> None:
        both.wait(60)
        try:
            inject(slow(latency))
        except GuardRefused as error:
            refused.append(str(error))

    threads = [threading.Thread(target=put, args=(latency,)) for latency in (60, 61)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(100)
    (said,) = refused
    assert "latency_ms is 122" in said and len(on_link(target(world), world.client.proxy("web-http"))) == 2


def test_a_hold_is_nothing_that_a_link_feels_and_an_odd_toxic_counts_by_its_share(world: World) -> None:
    inject(slow(60, toxicity=0.5))
    proxy = world.client.proxy("web-http")
    assert on_link(target(world), proxy) == (OnLink("latency", {"latency_ms": 60, "jitter_ms": 0, "toxicity": 0.5}),)
    odd = proxy.toxics[0].model_copy(update={"name": "x", "type": "nosuch", "toxicity": 0.25})
    alone = proxy.model_copy(update={"toxics": (odd,)})
    assert on_link(target(world), alone) == (OnLink("nosuch", {"toxicity": 0.25}),)


def pause(**seconds: Any) -> dict[str, Any]:
    return {"type": "probe", "pauses": seconds}


def action(module: str, func: str = "x", **arguments: Any) -> dict[str, Any]:
    return {"type": "action", "provider": {"type": "python", "module": module, "func": func, "arguments": arguments}}


HERE = Target(server="http://127.0.0.1:8474", proxy="web", listen="", upstream="")
SAME = HERE.model_copy(update={"server": "http://localhost:8474/"})


@pytest.mark.parametrize(
    ("after", "is_ours", "left"),
    [
        (pause(after=29), True, ["latency", "down", "bandwidth"]),
        (pause(before=10, after="${long}"), True, ["latency", "down"]),
        (pause(after="soon"), True, ["latency", "down", "bandwidth"]),
        (action("mine"), False, ["latency", "down"]),
        (action("actions.toxics", "remove"), True, ["down"]),
        (action("actions.toxics", "remove", proxy="w*", type="latency"), True, ["down", "bandwidth"]),
        (action("actions.toxics", "remove", proxy="other"), True, ["latency", "down", "bandwidth"]),
        (action("actions.toxics", "remove", proxy=7), True, ["latency", "down", "bandwidth"]),
        (action("actions.proxies", "up"), True, ["latency", "bandwidth"]),
        (action("actions.undo", "everything"), True, []),
    ],
)
def test_what_earlier_steps_put_in_counts_as_long_as_it_is_on_by_what_is_written(
    after: dict[str, Any], is_ours: bool, left: list[str]
) -> None:
    ahead = Ahead({"long": 20})
    ahead.puts(Toxic.of(proxy="web", type="latency", attributes={"latency_ms": 60}), [HERE])
    ahead.puts(ProxyDown.of(proxy="web"), [HERE])
    ahead.puts(Toxic.of(proxy="web", type="bandwidth", attributes={"rate": 9}, duration="30s"), [HERE])
    ahead.puts(ProxyDown.of(proxy="web", times=3, up_for=1.0), [HERE])
    ahead.comes_to(after)
    ahead.leaves(after, is_ours=is_ours)
    assert sorted(one.kind for one in ahead.on(SAME)) == sorted(left)
    assert ahead.on(HERE.model_copy(update={"proxy": "other"})) == ()
