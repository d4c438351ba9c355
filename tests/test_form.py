"""The form of the project: where things may stand, how long they may get, and what each must say of itself."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("chaoslib_ext", "probes", "actions")
MODULES = sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))

UNTESTED: dict[str, str] = {}
"""Module -> why it has no test file of its own."""


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text())


def imports_in(text: str) -> Iterator[str]:
    """Top-level names of what a module imports from outside."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").split(".")[0]


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_a_module_says_what_it_is_for_and_stays_small(file: Path) -> None:
    assert ast.get_docstring(tree_of(file)), "no sentence at its head"
    assert len(file.read_text().splitlines()) <= 400, "what second thing moved in?"
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno >= 50
    ]
    assert not long


def test_only_the_clock_asks_for_time_or_chance() -> None:
    """`Random` may be imported as the type of what `clock.chance` gives, but not called."""
    as_type = "from random import Random\n"
    asking = {
        name_of(file)
        for file in MODULES
        if not name_of(file).startswith("chaoslib_ext/lab/shop/")  # an ordinary application that knows nothing of ours
        if {"time", "random", "secrets"} & set(imports_in(file.read_text().replace(as_type, "")))
        or "Random(" in file.read_text()
    }
    assert asking == {"chaoslib_ext/clock.py"}


def test_names_say_what_is_inside() -> None:
    vague = {"utils", "util", "helpers", "helper", "manager", "handler", "misc", "common"}
    assert not [name_of(file) for file in MODULES if file.stem.lstrip("_") in vague]


def test_only_commands_print() -> None:
    """Words for people come from cli/; what else is printed goes into nobody's --json."""
    printing = {
        name_of(file)
        for file in MODULES
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
        and "file" not in {keyword.arg for keyword in node.keywords}  # a process of its own may say why it ends
    }
    assert not {name for name in printing if not name.startswith(("chaoslib_ext/cli/", "chaoslib_ext/lab/"))}


def test_what_a_person_sees_goes_through_one_place() -> None:
    """`cli/_say.py` lets no text of others steer a terminal; the screen of a run cleans what it is given."""
    places = {"chaoslib_ext/cli/_say.py", "chaoslib_ext/control/screen.py"}
    echoing = {
        name_of(file)
        for file in MODULES
        for node in ast.walk(tree_of(file))
        if (isinstance(node, ast.Attribute) and node.attr in {"echo", "secho", "echo_via_pager"})
        or (isinstance(node, ast.ImportFrom) and {"echo", "secho"} & {alias.name for alias in node.names})
        or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
            and name_of(file).startswith("chaoslib_ext/cli/"))
    }  # fmt: skip
    assert echoing == places


def test_every_request_has_a_time_limit() -> None:
    """`requests` waits for ever unless it is told not to."""
    verbs = {"get", "post", "put", "patch", "delete", "head", "request", "urlopen"}
    bare = [
        f"{name_of(file)}:{node.lineno}"
        for file in MODULES
        if {"requests", "urllib"} & set(imports_in(file.read_text()))
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in verbs
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"requests", "session", "urllib"}
        and "timeout" not in {keyword.arg for keyword in node.keywords}
    ]
    assert not bare


def test_nothing_is_swallowed_in_silence() -> None:
    """`except Exception: pass` hides a defect; name the error, or say what is lost."""
    silent = [
        f"{name_of(file)}:{node.lineno}"
        for file in MODULES
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or getattr(node.type, "id", "") in {"Exception", "BaseException"})
        and all(isinstance(line, ast.Pass) for line in node.body)
    ]
    assert not silent


@pytest.mark.parametrize("file", [file for file in MODULES if file.name != "__init__.py"], ids=name_of)
def test_a_module_has_its_test(file: Path) -> None:
    """`chaoslib_ext/proxy/link.py` -> `tests/chaoslib_ext/proxy/test_link*.py`; `_x.py` -> `test_x.py`."""
    stem = file.stem.lstrip("_")
    folder = ROOT / "tests" / file.relative_to(ROOT).parent
    found = [*folder.glob(f"test_{stem}.py"), *folder.glob(f"test_{stem}_*.py")]
    assert found or name_of(file) in UNTESTED, f"no {folder.relative_to(ROOT)}/test_{stem}.py and no reason in UNTESTED"


def test_the_list_of_untested_modules_is_no_longer_than_needed() -> None:
    gone = [name for name in UNTESTED if not (ROOT / name).is_file()]
    tested = [
        n for n in UNTESTED if (ROOT / "tests" / Path(n).parent / f"test_{Path(n).stem.lstrip('_')}.py").is_file()
    ]
    assert not gone and not tested


def test_nothing_of_ours_phones_home() -> None:
    """The host asks its makers' server on each command unless told not to: whoever starts it here tells it.

    (`chaos --version` ends before that; completion in a shell never gets there.)
    """
    for file in [*(ROOT / "tests").rglob("*.py"), *(ROOT / "scripts").iterdir(), *MODULES]:
        if not file.is_file() or file.name == "test_form.py":
            continue
        text = file.read_text(errors="replace")
        starts = re.findall(r'with_name\("chaos"\)|"-m", "chaostoolkit"|parent / "chaos"\)(?!, "--version")', text)
        starts += re.findall(r"^ *command chaos", text, re.MULTILINE)
        assert len(re.findall("--no-version-check", text)) >= len(starts), name_of(file)
    lab = [name_of(file) for file in MODULES if "lab" in file.parts and '"chaostoolkit"' in file.read_text()]
    assert not lab, "the lab starts no host"


def test_no_file_names_the_machine_it_was_written_on() -> None:
    if not (ROOT / ".git").exists():
        return  # a copy of the tests, beside an installed wheel
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    homes = ("/home/", "/root/", "/Users/", "/" + "work/", "/tmp/" + "w/")
    texts = [(name, ROOT / name) for name in listed.splitlines() if (ROOT / name).is_file()]
    named = [
        f"{name}: {home}"
        for name, file in texts
        if file.suffix not in {".png", ".ico"} and name != "tests/test_form.py"
        for home in homes
        if home in file.read_text(errors="replace")
    ]
    assert not named
