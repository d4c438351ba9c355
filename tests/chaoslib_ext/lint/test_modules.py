"""Modules are found and read, and never run."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from chaoslib_ext.lint.here import Here
from chaoslib_ext.lint.modules import Function, Module, Modules, Opaque, Standard, distribution

FILES = {
    "pack/__init__.py": "raise SystemExit('run!')\n",
    "pack/acts.py": "from .deep.more import far as near\nfrom .deep.more import *\nfrom pack.acts import loop\n"
    "try:\n    def here(a): ...\nexcept ImportError:\n    here = None\n"
    "made = print\n@cache\ndef wrapped(): ...\nclass Thing: ...\n",
    "pack/deep/__init__.py": "",
    "pack/deep/more.py": "def far(x): ...\ndef starred(y): ...\n",
    "pack/broken.py": "def (:\n",
    "pack/lazy.py": "def __getattr__(name): ...\n",
    "pack/making.py": "for name in ('one', 'two'):\n    globals()[name] = print\n",
    "pack/alike.py": "from .making import *\n",
    "pack/inside.py": "for _ in (1,):\n    def one(): ...\nwhile True:\n    def two(): ...\n    break\n"
    "match 1:\n    case 1:\n        def three(): ...\ntry:\n    def four(): ...\nexcept* ValueError: ...\n"
    "if five := print: ...\nwith open('x') as six: ...\ndef make():\n    global seven\n    def seven(): ...\n",
    "pack/either.py": "try:\n    from nowhere import one\nexcept ImportError:\n    def one(a): ...\n"
    "if True:\n    def two(a): ...\nelse:\n    def two(b): ...\n"
    "if True:\n    def three(a): ...\ndef three(b): ...\ndef four(a): ...\ndef four(b): ...\n",
    "spaced/inner/thing.py": "def f(): ...\n",
}


@pytest.fixture
def modules(machine_with: Callable[..., Here]) -> Modules:
    return machine_with(FILES).modules


def module(modules: Modules, name: str) -> Module:
    found = modules.find(name)
    assert isinstance(found, Module)
    return found


@pytest.mark.parametrize("name", ["pack", "pack.acts", "pack.deep", "pack.deep.more", "spaced.inner.thing"])
def test_a_module_is_found_and_not_run(modules: Modules, name: str) -> None:
    assert module(modules, name).name == name
    assert name.partition(".")[0] not in sys.modules


@pytest.mark.parametrize(
    "name", ["pack.nothing", "nothing", "pack.acts.deeper", "os.nothing", "pack..acts", "", "a\0b"]
)
def test_what_is_not_there_is_none(modules: Modules, name: str) -> None:
    assert modules.find(name) is None


@pytest.mark.parametrize("name", ["os.path", "json", "math", "pack.broken", "spaced.inner"])
def test_what_cannot_be_read_is_there_all_the_same(modules: Modules, name: str) -> None:
    assert isinstance(modules.find(name), Opaque)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("here", Opaque),  # two branches: only running it tells
        ("near", Function),
        ("starred", Function),
        ("made", Opaque),
        ("wrapped", Opaque),
        ("Thing", Opaque),
        ("loop", Opaque),
        ("nothing", type(None)),
    ],
)
def test_a_function_is_followed_through_imports(modules: Modules, name: str, kind: type) -> None:
    assert isinstance(modules.function(module(modules, "pack.acts"), name), kind)


def test_a_module_that_makes_its_names_may_have_any(modules: Modules) -> None:
    assert isinstance(modules.function(module(modules, "pack.lazy"), "whatever"), Opaque)


@pytest.mark.parametrize("name", ["pack.making", "pack.alike"])
def test_a_name_that_a_module_gives_itself_while_it_runs_is_taken_to_be_there(modules: Modules, name: str) -> None:
    assert isinstance(modules.function(module(modules, name), "two"), Opaque)


@pytest.mark.parametrize("name", ["one", "two", "three", "four", "five", "six", "seven"])
def test_what_is_made_inside_of_any_statement_is_there(modules: Modules, name: str) -> None:
    assert modules.function(module(modules, "pack.inside"), name) is not None
    assert modules.function(module(modules, "pack.inside"), "eight") is None


@pytest.mark.parametrize(("name", "kind"), [("one", Opaque), ("two", Opaque), ("three", Function), ("four", Function)])
def test_of_two_functions_of_one_name_none_is_held_against_its_arguments_unless_the_last_counts(
    modules: Modules, name: str, kind: type
) -> None:
    found = modules.function(module(modules, "pack.either"), name)
    assert isinstance(found, kind)
    assert not isinstance(found, Function) or found.node.args.args[0].arg == "b"


@pytest.mark.parametrize(
    ("name", "there", "not_there"),
    [
        ("os", "rename", "renme"),  # loaded already
        ("math", "sin", "sinus"),
        ("antigravity", "geohash", "fly"),  # read, for it opens a browser when it is loaded
        ("wsgiref.simple_server", "make_server", "make_servre"),
    ],
)
def test_a_function_of_python_itself_is_looked_up_and_its_module_not_loaded(
    name: str, there: str, not_there: str
) -> None:
    modules, before = Modules(), set(sys.modules)
    found = modules.find(name)
    assert isinstance(found, Standard)
    assert isinstance(modules.standard(found, there), Opaque) and modules.standard(found, not_there) is None
    assert set(sys.modules) - before <= {name.rpartition(".")[0]}


def test_a_compiled_module_of_python_that_is_not_loaded_may_have_any_function() -> None:
    assert isinstance(Modules().standard(Standard("nowhere", None), "whatever"), Opaque)


def test_names_to_suggest(modules: Modules) -> None:
    assert modules.children("pack") == ["acts", "alike", "broken", "deep", "either", "inside", "lazy", "making"]
    assert modules.functions(module(modules, "pack.deep.more")) == ["far", "starred"]


def test_our_faces_stay_open_beside_a_folder_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    importlib.import_module("probes")  # as it is in a run: in a checkout a folder without __init__ would come first
    (tmp_path / "probes").mkdir()
    (tmp_path / "probes" / "mine.py").write_text("def answers(): ...\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    modules = Modules()
    assert isinstance(modules.find("probes.mine"), Module) and isinstance(modules.find("probes.http"), Module)


def test_a_distribution_is_named_with_its_version() -> None:
    assert str(distribution("chaosk8s.pod")).startswith("chaostoolkit-kubernetes 0.")
    assert distribution("no_such_package") is None


def test_an_installed_guest_lacks_nothing_and_every_function_of_it_can_be_read(modules: Any) -> None:
    guest = module(modules, "chaosk8s.pod.actions")
    assert modules.lacks(guest) == []
    assert isinstance(modules.function(guest, "terminate_pods"), Function)


def test_a_module_that_was_made_while_the_host_runs_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "made_by_the_host", ModuleType("made_by_the_host"))  # as it does with `logzero`
    assert isinstance(Modules().find("made_by_the_host"), Opaque)
    assert isinstance(Modules().find("made_by_the_host.inside"), Opaque)
