"""What a record says about a run before it begins."""

import hashlib
from pathlib import Path

import pytest

from chaoslib_ext.control.facts import click_context, facts, source_of


def test_facts_name_who_where_and_what(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("title: x\n")
    found = facts({"title": "x"}, str(path))
    assert found["source_sha256"] == hashlib.sha256(b"title: x\n").hexdigest()
    assert found["experiment_sha256"] == hashlib.sha256(b'{"title":"x"}').hexdigest()
    assert found["who"] and found["host"] and found["pid"]
    assert set(found["versions"]) >= {"python", "chaostoolkit", "chaostoolkit-lib", "toxiproxy-python"}


def test_no_source_is_no_error(tmp_path: Path) -> None:
    assert facts({}, None)["source_sha256"] is None
    assert facts({}, "https://example.com/x.yaml")["source_sha256"] is None


def test_a_file_is_named_from_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.yaml").write_text("")
    assert source_of("x.yaml") == str(tmp_path / "x.yaml")
    assert source_of("https://example.com/x.yaml") == "https://example.com/x.yaml"
    assert source_of(None) is None


def test_outside_of_the_hosts_command_there_are_no_options() -> None:
    assert click_context() is None


def test_a_user_without_a_name_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert facts({}, None)["who"].startswith("uid ")
