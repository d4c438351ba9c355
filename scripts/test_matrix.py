"""The table of tests/README.md: for each pair of parts that meet, the tests that try them together.

A pair is an arrow between two rooms in the import graph, or one of OUTSIDE. A test says what it joins by
`@pytest.mark.joins("faults", "proxy")`, or its module by `pytestmark`. --check says what is wrong and ends with 1.
"""

import ast
import difflib
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "tests" / "README.md"
BEGIN, END = "<!-- matrix: written by scripts/test-matrix -->", "<!-- end of the matrix -->"
SHOWN = 3
OUTSIDE = (
    ("cli", "host"),
    ("control", "host"),
    ("proxy", "toxiproxy-embedded"),
    ("proxy", "toxiproxy-go"),
    ("faults", "toxiproxy-embedded"),
    ("faults", "toxiproxy-go"),
    ("lab", "postgresql"),
    ("lab", "valkey"),
    ("faults", "postgresql"),
    ("faults", "valkey"),
    ("control", "lab"),
)
"""Pairs that no import shows: Chaos Toolkit and the processes beside us; a run against the lab."""

Pair = tuple[str, str]


def rooms() -> set[str]:
    """Every room: the two faces and the folders of the engine."""
    engine = {file.parent.name for file in (ROOT / "chaoslib_ext").glob("*/__init__.py")}
    return {"probes", "actions", *engine}


def room_of(name: str) -> str:
    """The room of a dotted module name; empty when it has none."""
    first, _, rest = name.partition(".")
    room = rest.partition(".")[0] if first == "chaoslib_ext" else first
    return room if room in rooms() else ""


def arrows() -> set[Pair]:
    """(who imports, what is imported) for each two rooms, imports inside functions included."""
    found = set()
    for package in ("chaoslib_ext", "probes", "actions"):
        for file in (ROOT / package).rglob("*.py"):
            here = room_of(".".join(file.relative_to(ROOT).with_suffix("").parts))
            there = {room_of(name) for name in imported(file)} - {"", here}
            found |= {(here, room) for room in there if here}
    return found


def imported(file: Path) -> Iterator[str]:
    """Absolute names a file imports."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def marks() -> dict[str, list[set[str]]]:
    """Test (`path` or `path::test`) -> the parts of each of its markers."""
    found: dict[str, list[set[str]]] = {}
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        name = file.relative_to(ROOT / "tests").as_posix()
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "pytestmark":
                found.setdefault(name, []).extend(joins(node.value))
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for decorator in node.decorator_list:
                    found.setdefault(f"{name}::{node.name}", []).extend(joins(decorator))
    return {test: parts for test, parts in found.items() if parts}


def joins(node: ast.AST) -> Iterator[set[str]]:
    """The parts named by each `joins(...)` in an expression."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "joins":
            yield {ast.literal_eval(part) for part in call.args}


def table() -> list[tuple[Pair, list[str]]]:
    """Each pair with its tests."""
    known = marks()
    return [
        (pair, [test for test, sets in known.items() if any(set(pair) <= parts for parts in sets)])
        for pair in sorted(arrows() | set(OUTSIDE))
    ]


def problems() -> list[str]:
    """Pairs without a test, and markers that name no part."""
    parts = rooms() | {part for pair in OUTSIDE for part in pair}
    holes = [f"no test joins {one} and {other}: mark one with joins" for (one, other), tests in table() if not tests]
    odd = [
        f"tests/{test}: joins names {listed(named - parts)}, which is no part (known: {listed(parts)})"
        for test, sets in marks().items()
        for named in sets
        if named - parts
    ]
    lone = [
        f"tests/{test}: joins needs two parts" for test, sets in marks().items() for named in sets if len(named) < 2
    ]
    return holes + odd + lone


def listed(names: set[str]) -> str:
    """In words."""
    return ", ".join(sorted(names))


def page() -> str:
    """The README with its table written anew."""
    head, _, rest = PAGE.read_text().partition(BEGIN)
    rows = [f"| {one} | {other} | {cell(tests)} |" for (one, other), tests in table()]
    lines = [BEGIN, "", "| part | with | tests |", "|---|---|---|", *rows, "", END]
    return head + "\n".join(lines) + rest.partition(END)[2]


def cell(tests: list[str]) -> str:
    """The first few, and how many more there are."""
    shown = ", ".join(f"[{test.rpartition('/')[2]}]({test.partition('::')[0]})" for test in tests[:SHOWN])
    return shown + (f" and {len(tests) - SHOWN} more" if len(tests) > SHOWN else "")


def main() -> int:
    """Write, or check."""
    found, fresh, now = problems(), page(), PAGE.read_text()
    if "--check" not in sys.argv:
        PAGE.write_text(fresh)
    elif fresh != now:
        found += [
            "tests/README.md is stale: run scripts/test-matrix",
            *difflib.unified_diff(now.split("\n"), fresh.split("\n"), n=0),
        ]
    print("\n".join(found))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
