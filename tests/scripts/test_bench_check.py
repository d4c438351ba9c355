"""`scripts/bench check` says which requirement is missed, and ends with 1 then. Nothing is measured here."""

import importlib
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def bench(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(checkout / "scripts"))
    for name in ("bench_check", "bench_cli", "bench_lab", "fresh_env"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return importlib.import_module("bench_check")


@pytest.mark.parametrize(("measured", "code", "word"), [(1.0, 0, "ok"), (2.5, 1, "MISSED")])
def test_it_ends_with_1_when_one_is_missed(
    bench: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    measured: float,
    code: int,
    word: str,
) -> None:
    rows = [bench.Requirement("a thing / another", measured, 2.0)]
    for name, found in (("typed", rows), ("faults", []), ("lab", [])):
        monkeypatch.setattr(bench, name, lambda found=found: found)
    monkeypatch.setattr(sys, "argv", ["check"])
    assert bench.main() == code
    assert word in capsys.readouterr().out.splitlines()[1]
    monkeypatch.setattr(sys, "argv", ["check", "--json"])
    assert bench.main() == code
    assert json.loads(capsys.readouterr().out) == [
        {"requirement": "a thing / another", "measured": measured, "limit": 2.0, "ok": code == 0}
    ]
