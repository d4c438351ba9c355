"""links.yaml: every fault with its line, and changes that keep the rest."""

from pathlib import Path

import pytest

from chaoslib_ext.errors import BadFile
from chaoslib_ext.links.file import Link, added, parsed, read, removed, written

HERE = Path("links.yaml")
KEPT = """# ours
schema_version: 1
links:
  # the database
  - name: db
    listen: 127.0.0.1:26001   # keep
    upstream: db.example:5432
    tags: [database]
  # the cache
  - name: cache
    listen: 127.0.0.1:26002
    upstream: cache.example:6379
# the end
"""
API = Link("api", "127.0.0.1:26003", "api.example:443", ("external", "tls"), "api")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    written(tmp_path / "links.yaml", [API])
    assert read(tmp_path / "links.yaml") == (API,)
    assert read(tmp_path / "none.yaml") == ()


def test_a_link_more_and_less_leaves_every_comment() -> None:
    more = added(KEPT, API, HERE)
    assert [line for line in more.splitlines() if line in KEPT.splitlines()] == KEPT.splitlines()
    assert removed(more, "api", HERE) == KEPT
    less = removed(KEPT, "db", HERE)
    assert "# the cache\n  - name: cache" in less and "db.example" not in less


@pytest.mark.parametrize(
    "text",
    [
        "",
        "schema_version: 1\n",
        "schema_version: 1\nlinks:\n",
        "schema_version: 1\nlinks: []\n",
        "links: []  # none\nschema_version: 1",
        "schema_version: 1\nlinks: [{name: a, listen: 'h:1', upstream: 'h:2'}]\n",
        "schema_version: 1\nlinks:\n- name: a\n  listen: h:1\n  upstream: h:2",
    ],
)
def test_every_layout_takes_a_link_and_gives_it_back(text: str) -> None:
    more = added(text, API, HERE)
    assert parsed(more, HERE) == (*parsed(text, HERE), API)
    assert parsed(removed(more, "api", HERE), HERE) == parsed(text, HERE)


def test_the_last_link_out_leaves_a_file_that_can_be_read() -> None:
    assert parsed(removed(added("", API, HERE), "api", HERE), HERE) == ()


@pytest.mark.parametrize(
    ("links", "says"),
    [
        ("- {name: a, listen: 'h:1', upstream: 'h:1'}", "line 3: a: it leads to itself"),
        (
            "- {name: a, listen: 'localhost:1', upstream: 'h:2'}\n- {name: b, listen: 'h:2', upstream: '127.0.0.1:1'}",
            "a -> b -> a",
        ),
        (
            "- {name: a, listen: 'h:1', upstream: 'h:2'}\n- {name: a, listen: 'h:3', upstream: 'h:4'}",
            "line 4: the name a",
        ),
        ("- {name: a, listen: 'h:99999', upstream: 'h:2'}", "line 3: listen is 'h:99999'"),
        ("- {name: a, listen: 'h:1', upstrem: 'h:2'}", "did you mean upstream?"),
        ("- {name: a, listen: 'h:1', upstream: 'h:2', tags: database}", "tags is a list"),
        ("- a", "a link is written as"),
        ("nothing", "links must be a list"),
    ],
)
def test_a_fault_is_told_with_its_line(links: str, says: str) -> None:
    with pytest.raises(BadFile) as error:
        parsed(
            f"schema_version: 1\nlinks:\n{links}\n" if links[0] == "-" else f"schema_version: 1\nlinks: {links}", HERE
        )
    assert says in str(error.value)


@pytest.mark.parametrize(
    "text", ["schema_version: 2\nlinks: []", "links: []", "- a", "a: [", "schema_version: 1\nlnks: []"]
)
def test_what_is_no_links_file_is_refused(text: str) -> None:
    with pytest.raises(BadFile, match=r"links\.yaml"):
        parsed(text, HERE)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(BadFile) as error:
        parsed("schema_version: 1\nlinks:\n- {name: a}\n- {nam: b, listen: 'h:0'}\n", HERE)
    assert str(error.value).count("\n  line ") == 6
