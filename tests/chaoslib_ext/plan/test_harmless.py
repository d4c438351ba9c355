"""Which probes a plan may ask."""

from typing import Any

import pytest

from chaoslib_ext.plan.harmless import asked_once, is_harmless


def provider(module: str, func: str = "status") -> dict[str, Any]:
    return {"type": "python", "module": module, "func": func}


@pytest.mark.parametrize(
    ("one", "arguments", "harmless"),
    [
        (provider("probes.http"), {}, True),
        (provider("probes.http"), {"method": "head"}, True),
        (provider("probes.http"), {"method": "POST"}, False),
        (provider("probes.http"), {"method": None}, False),
        (provider("probes.proxies", "names"), {}, True),
        (provider("chaoslib_ext.lab.where", "url"), {}, True),
        (provider("chaoslib_ext.lab.up", "up"), {}, False),
        (provider("probes.tcp", "connects"), {}, True),
        (provider("probes.sql", "scalar"), {"query": "SELECT count(*) FROM x WHERE a IN (1, 2)"}, True),
        (provider("probes.sql", "scalar"), {"query": "SELECT pg_terminate_backend(1)"}, False),
        (provider("probes.sql", "scalar"), {"query": 'select "pg_terminate_backend" (1)'}, False),
        (provider("probes.sql", "scalar"), {"query": "select pg_terminate_backend/**/(1)"}, False),
        (provider("probes.sql", "scalar"), {"query": "copy orders to program 'sh'"}, False),
        (provider("probes.sql", "scalar"), {"query": "with a as (select 1) select max(b) from a where c = (1)"}, True),
        (provider("probes.sql", "scalar"), {}, False),
        (provider("probes.eventually", "reached"), {}, False),
        (provider("probes.mine"), {}, False),
        (provider("os", "getcwd"), {}, False),
        ({"type": "http", "url": "http://x"}, {}, False),
        ({"type": "process", "path": "true"}, {}, False),
        ({}, {}, False),
    ],
)
def test_only_ours_that_read(one: dict[str, Any], arguments: dict[str, Any], harmless: bool) -> None:
    assert is_harmless(one, arguments) is harmless


def test_many_questions_become_one() -> None:
    assert asked_once(provider("probes.http", "bad_fraction"), {"requests": 40})["requests"] == 1
    assert asked_once(provider("probes.http", "status"), {"url": "x"}) == {"url": "x"}
