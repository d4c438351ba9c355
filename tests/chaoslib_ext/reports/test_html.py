"""The page: as it was looked at and liked (golden file), harmless, and readable by everybody."""

import os
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.model import Verdict
from chaoslib_ext.record.record import Record
from chaoslib_ext.record.story import Story, read
from chaoslib_ext.reports.html import render

pytestmark = pytest.mark.joins("reports", "record")

GOLDEN = Path(__file__).parent / "golden" / "run.html"


def test_it_looks_as_it_was_liked(story: Story) -> None:
    """After a change that is meant: WRITE_GOLDEN=1 pytest <this file>, then look at golden/run.html in a browser."""
    page = render(story)
    if os.environ.get("WRITE_GOLDEN"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(page)
    assert page == GOLDEN.read_text()


class Parsed(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


NASTY = "</title><script>alert(1)</script>\"'<img src=x onerror=alert(1)> & {{ 7*7 }}"


def nasty(value: Any) -> Any:
    """The same story with every text turned into an attack."""
    if isinstance(value, dict):
        return {key: nasty(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(nasty(item) for item in value)
    return NASTY if isinstance(value, str) else value


def test_nothing_from_a_record_gets_out_of_its_place(story: Story) -> None:
    attacked = replace(
        story,
        title=NASTY,
        reasons=(NASTY,),
        hypothesis=NASTY,
        about=nasty(story.about),
        experiment={"description": NASTY},
        notes=(NASTY,),
        folder=Path(NASTY),
        problem=NASTY,
        state="open",
        phases=tuple(
            replace(one, samples=tuple(replace(s, name=NASTY, value=NASTY, tolerance=NASTY) for s in one.samples))
            for one in story.phases
        ),
        steps=tuple(replace(one, name=NASTY, why=NASTY, output=NASTY) for one in story.steps),
        faults=tuple(replace(one, evidence=nasty(one.evidence), undo=nasty(one.undo)) for one in story.faults),
    )
    page = render(attacked)
    found = Parsed(page)
    assert not {"script", "img", "iframe", "link", "object"} & {tag for tag, _ in found.tags}
    assert not [name for _, attrs in found.tags for name in attrs if name.startswith("on")]
    assert "49" not in re.sub(r"&#\d+;", "", page.partition("<main>")[2]).split(), "a template in a title was run"


def test_a_folder_with_a_hostile_name_steers_nothing(story: Story) -> None:
    page = render(replace(story, folder=Path("/tmp/x\nHELD  forged\x1b[2J\u202e/7f3a")))
    assert "<code>/tmp/x HELD  forged [2J\\u202e/7f3a</code>" in page


def test_it_brings_all_it_needs_and_asks_nobody(story: Story) -> None:
    found = Parsed(render(story))
    assert not found.open, "every tag is closed"
    assert not [name for _, attrs in found.tags for name in attrs if name in ("src", "href", "style", "srcset")]
    assert "url(http" not in render(story) and "@import" not in render(story)


def test_it_is_for_everybody(story: Story) -> None:
    page = render(story)
    tags = [tag for tag, _ in Parsed(page).tags]
    assert ("html", {"lang": "en"}) in Parsed(page).tags
    assert tags.count("h1") == 1 and tags.count("table") == tags.count("caption")
    assert all(attrs.get("scope") for tag, attrs in Parsed(page).tags if tag == "th")
    assert all(attrs.get("aria-labelledby") for tag, attrs in Parsed(page).tags if tag == "svg")
    assert "prefers-color-scheme: dark" in page and "@media print" in page
    assert "✗ not met" in page and "✓ met" in page, "colour is never the only sign"


@pytest.mark.parametrize("verdict", [*Verdict, None])
def test_each_verdict_has_its_word(story: Story, verdict: Verdict | None) -> None:
    assert (str(verdict).upper() if verdict else "NOT FINISHED") in render(replace(story, verdict=verdict))


def test_a_fault_that_was_not_measured_is_no_green_page(story: Story) -> None:
    first, second = story.faults
    why = {"why": "its upstream is dead"}
    unsure = replace(first, evidence={**first.evidence, "bit": None, "measured": why, "confirmed": False})
    page = render(replace(story, verdict=Verdict.HELD, faults=(unsure, second)))
    assert 'class="verdict doubtful"' in page and 'aria-hidden="true">?</span> HELD' in page
    assert "<li>not measured: latency on checkout-payment: its upstream is dead; so it is not proved" in page
    assert "<caption>Of 2, 1 read back from the server, 1 measured on the connection itself</caption>" in page
    assert 'class="verdict held"' in render(replace(story, verdict=Verdict.HELD))


def test_the_smallest_record_makes_a_page() -> None:
    assert "Does it hold?" in render(read(Record.create("Does it hold?").folder))
