"""How long a run may last, by what is written."""

from typing import Any

from chaoslib_ext.plan.length import length
from chaoslib_ext.plan.steps import Part, Step


def step(name: str, part: Part = "method", provider: dict[str, Any] | None = None, **more: Any) -> Step:
    return Step(part, (part, 0), {"type": "action", "name": name, "provider": provider or {}, **more})


PROCESS = {"type": "process", "path": "sleep"}


def test_pauses_and_timeouts_add_up_and_the_steady_state_is_asked_twice() -> None:
    found = length(
        [
            step("ask", "steady-state-hypothesis", {"type": "http", "timeout": [1, 2]}),
            step("wait", provider={**PROCESS, "timeout": "${long}"}, pauses={"before": 2, "after": "${short}"}),
            step("cut", provider={"type": "python", "module": "actions.proxies", "func": "flap"}),
        ],
        {"long": 30, "short": 0.5},
        busy={"cut": 9.0},
    )
    assert found.known_s == 2 * 3 + 30 + 2.5 + 9 and found.unbounded == ()


def test_what_has_no_limit_is_named_once_and_what_runs_beside_is_not_counted() -> None:
    foreign = {"type": "python", "module": "acts", "func": "nap", "timeout": 3}
    found = length(
        [
            step("a", provider=PROCESS),
            step("a", provider=PROCESS),
            step("b", provider=foreign),
            step("c", provider={**PROCESS, "timeout": 9}, background=True),
        ],
        {},
        busy={},
    )
    assert found.known_s == 0 and found.unbounded == ("a", "b"), "the host heeds no timeout of a Python activity"


def test_probes_of_ours_bound_themselves() -> None:
    def ask(func: str, **arguments: Any) -> Step:
        provider = {
            "type": "python",
            "module": "probes.http",
            "func": func,
            "arguments": {"url": "http://x", **arguments},
        }
        return step(func, provider=provider)

    assert length([ask("bad_fraction", within="${w}"), ask("status")], {"w": "10s"}, busy={}).known_s == 15
    assert length([ask("nosuch"), ask("status", timeout="soon")], {}, busy={}).unbounded == ("nosuch", "status")


def test_odd_values_count_for_nothing() -> None:
    odd = [step("a", pauses={"before": "soon", "after": True}), step("b", pauses=5)]
    assert length(odd, {}, busy={"a": 0, "b": 0}).known_s == 0


def test_numbers_that_no_clock_knows_count_for_nothing() -> None:
    for endless in (10**400, float("inf"), float("nan"), "inf"):
        found = length(
            [step("a", provider={**PROCESS, "timeout": [1, endless]}, pauses={"after": endless})], {}, busy={}
        )
        assert found.known_s == 0 and found.unbounded == ("a",)
