"""Local code that an experiment calls: found wherever a provider stands, with what it imports, and never run."""

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.lint.local_code import local_code


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(here: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        file = here / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def python(module: str) -> dict[str, Any]:
    return {"provider": {"type": "python", "module": module, "func": "x"}}


def process(path: str, arguments: Any = None) -> dict[str, Any]:
    return {"method": [{"provider": {"type": "process", "path": path, "arguments": arguments}}]}


def test_a_module_is_found_wherever_a_provider_stands_and_none_is_run(here: Path) -> None:
    names = [f"lc_{name}" for name in ("action", "control", "value", "judge", "guard", "inner")]
    for name in names:
        write(here, {name: "raise SystemExit('it was run')"})
    action, control, value, judge, guard, inner = (python(name) for name in names)
    experiment = {
        "configuration": {"a": {"type": "probe", **value}},
        "controls": [control],
        "steady-state-hypothesis": {"probes": [{"tolerance": {"type": "probe", **judge}, **python("json")}]},
        "method": [{**action, "controls": [inner]}],
        "extensions": [{"name": "chaostoolkit-ext", "guards": [{"probe": guard}]}],
    }
    found = local_code(experiment, {})
    assert set(found) == {f"module {name}" for name in names}
    assert found["module lc_action"] == hashlib.sha256((here / "lc_action.py").read_bytes()).hexdigest()


def test_what_a_module_imports_of_its_own_folder_counts_and_what_is_installed_does_not(here: Path) -> None:
    late = "importlib.import_module('lc_named')"
    write(
        here,
        {
            "lc_top": "import json, yaml, click\nimport lc_helper\nfrom lc_pack import late\nimport actions.toxics\n",
            "lc_helper": f"def f():\n    import importlib\n    from lc_inside import x\n    {late}\n",
            "lc_inside": "",
            "lc_named": "import lc_top",
            "lc_pack/__init__": "",
            "lc_pack/late": "from . import sibling\nfrom .other import y\n",
            "lc_pack/sibling": "",
            "lc_pack/other": "",
            "lc_elsewhere": "",
        },
    )
    names = ["helper", "inside", "named", "pack", "pack.late", "pack.other", "pack.sibling", "top"]
    assert list(local_code({"method": [python("lc_top")]}, {})) == [f"module lc_{name}" for name in names]


def test_a_module_of_ones_own_below_our_faces_counts_and_ours_do_not(here: Path) -> None:
    write(here, {"actions/lc_mine": ""})
    experiment = {"method": [python("actions.lc_mine"), python("actions.toxics"), python("chaoslib_ext.control")]}
    assert list(local_code(experiment, {})) == ["module actions.lc_mine"]


@pytest.mark.parametrize(
    ("path", "arguments", "found"),
    [
        ("sh", "run.sh --fast", ["script run.sh"]),
        ("bash", ["-e", "odd"], ["script odd"]),
        ("./run.sh", None, ["script ./run.sh"]),
        ("${tool}", ["token.txt"], ["script ./run.sh"]),
        ("python3", "tool.py token.txt", ["script tool.py"]),
        ("env", {"-x": "marked"}, ["script marked"]),
        ("curl", ["-d", "token.txt"], []),
        ("sh", "-c 'echo run", []),
        ("no-such-program", ["no-such-file.sh"], []),
        ("/bin/true", 7, []),
    ],
)
def test_the_scripts_of_a_process_count_and_files_of_data_do_not(
    here: Path, path: str, arguments: Any, found: list[str]
) -> None:
    for name, text in {
        "run.sh": "true\n",
        "odd": "true\n",
        "tool.py": "",
        "token.txt": "x",
        "marked": "#!/bin/sh\n",
    }.items():
        (here / name).write_text(text)
    os.chmod("run.sh", 0o755)
    assert list(local_code(process(path, arguments), {"tool": "./run.sh"})) == found


@pytest.mark.parametrize(
    "odd", [{}, {"method": [None, {"provider": 3}, {"provider": {"module": ["a"]}}]}, {"a": [[{}]]}]
)
def test_odd_experiments_call_nothing(odd: dict[str, Any]) -> None:
    assert local_code(odd, {}) == {}
