"""Probes asked once before a run, for real; and those that must not be."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.plan.answers import answer, fill_in
from chaoslib_ext.plan.experiment import Loaded
from chaoslib_ext.plan.steps import Step
from chaoslib_ext.testing.upstream import Upstream, http


@pytest.fixture
def url() -> Iterator[str]:
    with Upstream(http) as service:
        yield f"http://{service.address}/"


def loaded(**experiment: Any) -> Loaded:
    return Loaded(Path("x.yaml"), experiment)


def probe(func: str, tolerance: Any = None, module: str = "probes.http", **arguments: Any) -> Step:
    provider = {"type": "python", "module": module, "func": func, "arguments": arguments}
    more = {} if tolerance is None else {"tolerance": tolerance}
    place = ("steady-state-hypothesis", "probes", 0)
    return Step("steady-state-hypothesis", place, {"type": "probe", "name": func, "provider": provider, **more})


def test_one_of_ours_answers_and_is_held_against_its_tolerance(url: str) -> None:
    good = answer(probe("status", 200, url=url), loaded(), probes=False)
    assert (good.asked, good.value, good.is_tolerated, good.problem) == (True, 200, True, None)
    bad = answer(probe("status", 404, url=url), loaded(), probes=False)
    assert (
        bad.is_tolerated is False
        and bad.problem == "status is outside of its tolerance now, so nothing would be injected"
    )


def test_one_that_asks_often_is_asked_once_and_condemns_nothing(url: str) -> None:
    bad = answer(probe("bad_fraction", [2, 3], url=url, requests=40), loaded(), probes=False)
    assert bad.says == "outside of its tolerance, asked once" and bad.problem is None


def test_one_that_does_not_answer_speaks_against_the_run() -> None:
    found = answer(probe("status", 200, url="http://127.0.0.1:1/"), loaded(), probes=False)
    assert found.problem is not None and "status does not answer: GET http://127.0.0.1:1/" in found.problem


def test_what_may_change_something_is_not_asked(url: str) -> None:
    found = answer(probe("status", 200, url=url, method="POST"), loaded(), probes=False)
    assert not found.asked and found.says == "not asked: it sends POST, which may change something; --probes asks it"
    foreign = answer(probe("getcwd", module="os"), loaded(), probes=False)
    assert not foreign.asked and "whether it changes something is not known here" in foreign.says
    assert answer(probe("getcwd", module="os"), loaded(), probes=True).value == str(Path.cwd())


def test_a_tolerance_that_cannot_be_judged_is_told_for_in_the_run_it_ends_everything(url: str) -> None:
    odd = answer(
        probe("json_value", {"type": "range", "range": [0, 1]}, url=url, path="$.nosuch"), loaded(), probes=False
    )
    assert odd.problem is not None


def test_no_secret_is_shown(url: str) -> None:
    found = loaded()
    found.secrets = {"s": {"token": "hunter2-hunter2"}}
    shown = answer(probe("status", 200, url="http://127.0.0.1:1/${token}"), found, probes=False)
    assert shown.problem is not None and "hunter2" not in shown.problem and "[redacted]" in shown.problem


def test_configuration_is_filled_in_as_far_as_it_may_be(url: str) -> None:
    entries = {
        "a": {"type": "probe", "name": "a", "provider": probe("status", url=url).provider},
        "b": {"type": "probe", "name": "b", "provider": probe("getcwd", module="os").provider},
        "c": {"type": "probe", "name": "c", "provider": probe("status", url="${b}").provider},
        "d": {"type": "probe", "name": "d", "provider": probe("status", url="http://127.0.0.1:1").provider},
        "e": {"type": "probe", "name": "e", "provider": {"type": "process", "path": "echo", "arguments": "hello"}},
    }
    found = loaded(configuration=entries)
    found.unresolved = dict.fromkeys(entries, "a probe gives it when the run begins")
    fill_in(found, probes=False)
    assert found.configuration == {"a": 200} and set(found.unresolved) == {"b", "c", "d", "e"}
    assert "it needs ${b}" in found.unresolved["c"] and found.without_value == {"d"}
    found.configuration["a"] = "given by a person"
    fill_in(found, probes=True)
    assert found.configuration["a"] == "given by a person"
    assert found.configuration["b"] == str(Path.cwd()) and found.configuration["e"] == "hello"
