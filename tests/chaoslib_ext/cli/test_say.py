"""A call is a line, whatever it quotes; colour is ours alone."""

import pytest

from chaoslib_ext.clean_text import lines
from chaoslib_ext.cli._say import candidates, say, say_json, styled


def test_a_call_is_a_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    say("web\nHELD  forged\x1b[2J", head=styled("x", fg="red") + " ")
    say(lines("one", "two"), err=True)
    assert capsys.readouterr() == ("x web HELD  forged [2J\n", "one\ntwo\n")


def test_json_has_all_the_data_and_steers_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    say_json({"a": "é\n\u202e\x9b"}, indent=None)
    assert capsys.readouterr().out == '{"a": "é\\n\\u202e\\u009b"}\n'


def test_a_name_that_steers_a_terminal_is_not_offered() -> None:
    found = candidates([("web", "to\nx"), ("w\nplain,rm", ""), ("db", "")], "w")
    assert [(one.value, one.help) for one in found] == [("web", "to x")]
