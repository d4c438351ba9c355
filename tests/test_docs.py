"""The pages know everything there is, and nothing that is not: mentions, links, the map, the reference."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from chaoslib_ext import discover, errors
from chaoslib_ext.cli import plugins

ROOT = Path(__file__).parent.parent
PAGES = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").rglob("*.md"),
    ROOT / "journal" / "README.md",
    ROOT / "tests" / "README.md",
]
TEXT = "\n".join(page.read_text() for page in PAGES if "reference" not in page.parts)
"""What people wrote; the reference is written by the code itself."""
REFERENCE = {page.stem: page.read_text() for page in (ROOT / "docs" / "reference").glob("*.md")}


def commands(words: str, command: click.Command) -> Iterator[str]:
    yield words
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(f"{words} {name}", below)


ALL_COMMANDS = [
    words for name in plugins.COMMANDS for words in commands(f"chaos {name}", getattr(plugins, name).real())
]
ACTIVITIES = [f"{found['mod']}.{found['name']}" for found in discover()["activities"]]
TOXICS = sorted(file.stem for file in (ROOT / "chaoslib_ext" / "proxy" / "toxics").glob("[!_]*.py"))
REPORTS = sorted(file.stem for file in (ROOT / "chaoslib_ext" / "reports").glob("[!_]*.py"))
VARIABLES = sorted(
    {
        name
        for file in (ROOT / "chaoslib_ext").rglob("*.py")
        for name in re.findall(r"""["'](CHAOS_[A-Z_]+|TOXIPROXY_[A-Z_]+|NO_COLOR)["']""", file.read_text())
    }
)


@pytest.mark.parametrize("words", ALL_COMMANDS)
def test_a_command_has_help_with_an_example_and_stands_in_the_reference(words: str) -> None:
    assert f"\n## {words}\n" in REFERENCE["commands"]
    own = REFERENCE["commands"].split(f"\n## {words}\n")[1].split("\n## ")[0]
    assert "Example" in own, "its --help shows no example"


@pytest.mark.parametrize("name", plugins.COMMANDS)
def test_a_person_wrote_of_each_command(name: str) -> None:
    assert f"chaos {name}" in TEXT


@pytest.mark.parametrize("name", ACTIVITIES)
def test_an_activity_stands_in_the_reference(name: str) -> None:
    module, function = name.rsplit(".", 1)
    page = REFERENCE["probes" if name.startswith("probes") else "actions"]
    assert f"\n### {function}\n" in page.split(f"\n## {module}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize("name", TOXICS)
def test_a_toxic_stands_in_the_reference(name: str) -> None:
    assert f"\n## {name}\n" in REFERENCE["toxics"]


@pytest.mark.parametrize("name", [name for name in errors.__all__ if name[0].isupper()])
def test_an_error_stands_in_the_reference(name: str) -> None:
    assert f"| `{name}` |" in REFERENCE["errors"]


@pytest.mark.parametrize("name", VARIABLES)
def test_a_variable_stands_in_the_reference_and_in_the_readme(name: str) -> None:
    assert f"`{name}`" in REFERENCE["environment"]
    assert name == "CHAOS_LAB" or name in (ROOT / "README.md").read_text()  # that one is not for people


def differences() -> list[str]:
    """The rows of DIFFERENCES in tests/contracts/test_better.py, read and not imported."""
    for node in ast.parse((ROOT / "tests" / "contracts" / "test_better.py").read_text()).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "DIFFERENCES":
            return list(ast.literal_eval(node.value))
    raise AssertionError("tests/contracts/test_better.py has no DIFFERENCES")


def test_each_difference_from_toxiproxy_has_its_row_and_no_other() -> None:
    first = REFERENCE["toxiproxy-differences"].split("\n## ")[1]
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \| [^|]+ \|$", first, re.MULTILINE)
    assert rows[0] == "what ours does"
    assert sorted(rows[1:]) == sorted(differences())


def test_the_reference_is_fresh() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "docs_reference.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_link_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if not link.startswith(("http://", "https://", "mailto:")):
            file, _, anchor = link.partition("#")
            target = (page.parent / file).resolve() if file else page
            assert target.exists(), link
            if anchor:
                heads = re.findall(r"^#+ (.+)$", target.read_text(), re.MULTILINE)
                assert anchor in {re.sub(r"[^\w\- ]", "", head).strip().lower().replace(" ", "-") for head in heads}


def test_every_page_is_reached_from_the_index() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md", ROOT / "docs" / "index.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        links = re.findall(r"\]\(([^)\s#]+)[^)]*\)", page.read_text())
        waiting += [(page.parent / link).resolve() for link in links if not link.startswith("http")]
    lost = [page for page in PAGES if page not in reached and page.parent.name != "changes"]
    assert not lost


def test_the_map_shows_every_room_and_no_other() -> None:
    """docs/whats-here.md names each folder of the packages and of the root, and each module at the engine's root."""
    text = (ROOT / "docs" / "whats-here.md").read_text()
    rooms = {file.parent.relative_to(ROOT).as_posix() + "/" for file in (ROOT / "chaoslib_ext").rglob("__init__.py")}
    rooms |= {f"chaoslib_ext/{file.name}" for file in (ROOT / "chaoslib_ext").glob("[!_]*.py")}
    rooms |= {"probes/", "actions/", "experiments/", "journal/", "docs/", "scripts/", "tests/"}
    shown = set(
        re.findall(r"`((?:chaoslib_ext|probes|actions|experiments|journal|docs|scripts|tests)/[\w/]*(?:\.py)?)`", text)
    )
    assert rooms - shown == set(), "not on the map"
    assert {name for name in shown if not (ROOT / name).exists()} == set(), "on the map, but not there"


def test_the_glossary_is_sorted_and_says_each_word_once() -> None:
    words = re.findall(r"^\*\*([^*]+)\*\*:", (ROOT / "docs" / "glossary.md").read_text(), re.MULTILINE)
    assert words == sorted(set(words), key=str.lower)
    assert len(words) > 30


def test_every_change_has_a_kind_that_towncrier_knows() -> None:
    files = [file.name for file in (ROOT / "docs" / "changes").glob("*.md")]
    assert files
    assert not [name for name in files if not re.fullmatch(r"\d+\.(feature|bugfix|change)(\.\d+)?\.md", name)]


def test_every_defect_of_the_host_names_tests_that_carry_its_number() -> None:
    """The table of decision 10: each test file in a row has a test with `[number]` in its docstring."""
    page = (ROOT / "docs" / "decisions" / "0010-guests-guards-verdicts.md").read_text()
    rows = re.findall(r"^\| (\d+) \|.*\|([^|]*)\|$", page, re.MULTILINE)
    assert {int(number) for number, _ in rows} == set(range(1, 26))
    assert [number for number, shown in rows if not shown.strip()] == ["19"]
    for number, shown in rows:
        for name in shown.strip().split(", ") if shown.strip() else []:
            file = ROOT / name[1:] if name.startswith("/") else ROOT / "tests" / "chaoslib_ext" / "control" / name
            marks = re.findall(r"\[([B\d, ]+)\b[^\]]*\]", "".join(docstrings(file.resolve())))
            assert {number} & {one.strip(" B") for mark in marks for one in mark.split(",")}, f"{number}: {name}"


def docstrings(file: Path) -> Iterator[str]:
    tree = ast.parse(file.read_text())
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    yield from (ast.get_docstring(node) or "" for node in [tree, *functions])
