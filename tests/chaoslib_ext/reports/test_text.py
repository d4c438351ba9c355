"""The story in a terminal."""

from dataclasses import replace
from typing import Any

import click

from chaoslib_ext.model import Verdict
from chaoslib_ext.record.story import Story
from chaoslib_ext.reports.text import closing_lines, render, server_line, undo_line


def test_the_whole_story_in_order(story: Story) -> None:
    assert click.unstyle(render(story)).splitlines() == [
        "Does checkout survive a payment provider that is 400 ms slow?",
        "Run       7f3a, 2026-11-22 03:10:00 UTC, 40.0 s, by sre-1 on ci-3",
        "From      /experiments/does-checkout-survive.yaml  (sha256 abababababab)",
        "With      python 3.11.7, chaostoolkit 1.19.0",
        "",
        " server     http://127.0.0.1:8474 (embedded 2.12.0)",
        " baseline   ✓ 4.0 s   bad-checkouts: 0.002",
        " action     ✓ 20.0 s   wait",
        " fault      ✓ latency (latency 400, jitter 50, downstream, seed 7) on checkout-payment: +402 ms measured on"
        " 3 of 3 connections (confirmed by the server)",
        " fault      ✓ down on catalog-valkey: refused on 3 of 3 connections (confirmed by the server)",
        " after      ✗ 4.0 s   bad-checkouts: 0.31   expected 0 to 0.05",
        " rollback   ✗ 1.0 s   reset: ValueError: no",
        " undo       ✓ 0.0 s   enable catalog-valkey: verified, by the watchdog (deadline)",
        " undo       ✓ 0.2 s   remove toxic cx-7f3a-latency from checkout-payment: verified",
        " note       a half-written last line (31 bytes) was cut",
        "",
        "DEVIATED  Does checkout survive a payment provider that is 400 ms slow?",
        "          It did not hold: At most 5 % of checkouts fail or take longer than 800 ms — not after latency on"
        " checkout-payment and down on catalog-valkey.",
        '          after the method "bad-checkouts" was 0.31, not 0 to 0.05',
        "Record    /journal/runs/20261122T031000Z-does-checkout-survive-7f3a/   (chaos journal show 7f3a)",
        "Next      chaos journal report 7f3a -o 7f3a.html   # a page to pass on",
    ]


def test_an_experiment_may_bring_its_own_words_and_next_step(story: Story) -> None:
    own = {
        "name": "chaostoolkit-ext",
        "says": {"deviated": "Checkout does not survive it."},
        "next": {"deviated": "chaos lab harden payment-timeout"},
    }
    lines = closing_lines(replace(story, experiment={"extensions": [{"name": "other"}, own]}))
    assert "          Checkout does not survive it." in lines
    assert any(line.startswith("Next      chaos lab harden payment-timeout") for line in lines)


def test_what_was_left_behind_comes_with_the_command_to_type(story: Story) -> None:
    failed = {"status": "failed", "verified": False, "says": "remove it", "error": "no answer", "by_hand": "type this"}
    told = click.unstyle(render(replace(story, verdict=Verdict.UNDO_FAILED, undone=(failed,))))
    assert " undo       ✗ NOT UNDONE: remove it: no answer; by hand: type this" in told
    assert "Next      chaos undo --run 7f3a" in told


def test_nothing_asked_is_nothing_proved(story: Story) -> None:
    lines = closing_lines(replace(story, verdict=Verdict.HELD, phases=(), hypothesis=None))
    assert any("nothing is proved" in line for line in lines)


def test_a_broken_record_says_so(story: Story) -> None:
    told = closing_lines(replace(story, state="broken", verdict=None, reasons=("line 3 was changed",)))
    assert told[1].split()[0].endswith("BROKEN\x1b[0m") and told[2:4] == [
        "        Not to be believed.",
        "        line 3 was changed",
    ]
    assert any("chaos journal verify 7f3a" in line for line in told)


UNMEASURED = {"confirmed": True, "bit": None, "measured": {"why": "none of 12 connections was hit"}}


def unsure(story: Story, **more: Any) -> Story:
    first, *others = story.faults
    return replace(story, faults=(replace(first, evidence={**first.evidence, **UNMEASURED, **more}), *others))


def test_held_is_not_plainly_green_when_a_fault_could_not_be_measured(story: Story) -> None:
    doubt = (
        "          not measured: latency on checkout-payment: none of 12 connections was hit; "
        "so it is not proved that the fault was felt"
    )
    sure, doubtful = (closing_lines(replace(one, verdict=Verdict.HELD)) for one in (story, unsure(story)))
    assert "\x1b[1;32mHELD" in sure[1] and doubt.replace("          ", "      ") not in sure
    assert "\x1b[1;33mHELD" in doubtful[1] and doubt.replace("          ", "      ") in doubtful
    assert doubt in closing_lines(unsure(story))


def test_a_fault_that_nobody_came_to_measure_is_told(story: Story) -> None:
    told = click.unstyle(render(replace(unsure(story, measured=None), verdict=None, is_dead=True, state="open")))
    assert "on checkout-payment: applied, not measured (confirmed by the server)" in told
    assert "not measured: latency on checkout-payment: the run ended before; so" in told


def test_what_is_open_says_it_once_and_what_is_dead_says_how_to_go_on(story: Story) -> None:
    left = replace(story.faults[0], undo=None, undone_at=None)
    going_on = replace(story, verdict=None, state="open", problem="not sealed", reasons=(), faults=(left,))
    (first, second), dead = closing_lines(going_on)[1:3], closing_lines(replace(going_on, is_dead=True))
    assert "NOT FINISHED" in first and second.strip() == "It goes on, or its process died and nobody has finished it."
    assert not any("chaos undo" in line for line in closing_lines(going_on))
    assert dead[2].strip() == "Its process is dead; its faults may still be in."
    assert any(line.startswith("Next      chaos undo --run 7f3a") for line in dead)
    assert not any("chaos undo" in line for line in closing_lines(replace(going_on, is_dead=True, faults=())))


def test_what_held_is_told_by_what_was_asked(story: Story) -> None:
    lines = closing_lines(replace(story, verdict=Verdict.HELD))
    assert lines[2].strip() == (
        "It held: At most 5 % of checkouts fail or take longer than 800 ms — before and after latency on"
        " checkout-payment and down on catalog-valkey."
    )


def test_who_undid_by_hand_is_said_once() -> None:
    result = {"by": "hand", "reason": "hand", "status": "undone", "verified": True, "says": "remove it"}
    assert click.unstyle(undo_line(result)) == " undo       ✓ 0.0 s   remove it: verified, by hand"


def test_a_server_that_nobody_named_is_called_so() -> None:
    found = {"url": "http://127.0.0.1:8474", "version": "2.12.0", "engine": None, "found_by": "default"}
    assert server_line(found) == (
        " server     http://127.0.0.1:8474 (2.12.0) (not started by you: nothing else was known)"
    )


def test_why_a_probe_failed_is_said_once(story: Story) -> None:
    before = story.phases[0]
    failed = replace(before.samples[0], met=False, status="failed", why="nobody answers")
    reasons = ('not steady before anything was done: "bad-checkouts" failed: nobody answers',)
    phases = (replace(before, met=False, samples=(failed,)),)
    told = render(replace(story, verdict=Verdict.INCONCLUSIVE, phases=phases, reasons=reasons))
    assert told.count("nobody answers") == 1 and '"bad-checkouts" failed, as said above' in told
