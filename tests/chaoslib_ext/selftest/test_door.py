"""The run without a control comes to its end, with its deadline kept by the watchdog."""

import runpy

import pytest

from chaoslib_ext.selftest.scene import Scene


def test_it_ends_and_leaves_nothing(at: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    from chaoslib_ext.faults.run import current, end_current

    monkeypatch.setenv("TOXIPROXY_URL", at.server.url)
    runpy.run_module("chaoslib_ext.selftest.door", run_name="__main__")
    state = current().log.read()
    by = {line["by"] for line in state.results.values()}
    assert by == {"runner", "watchdog"}
    end_current()
    assert at.wrong() == []
