"""chaos-policy.yaml: read without YAML's surprises, every fault named by its line."""

import hashlib
import os
from datetime import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaoslib_ext.errors import BadFile
from chaoslib_ext.safety.policy_file import parsed, read

HERE = Path("/somewhere/chaos-policy.yaml")
GOOD = """\
schema_version: 1
zone: Europe/Berlin
windows:
  office: {days: [mon-thu, sun], from: 09:00, to: 22:00}
rules:
  - name: no ledger
    refuse: any
    links: ledger-*

  - name: yes
    allow: [latency, down]
    links: [web, tag:lab]
    at_most: {duration: 2m, latency_ms: 400}
    when: office
"""


def test_it_is_read_with_its_lines_and_its_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "chaos-policy.yaml"
    path.write_text(GOOD)
    monkeypatch.chdir(tmp_path)
    file = read(path)
    first, second = file.policy.rules
    assert (file.line(first), file.line(second)) == (6, 10)
    assert file.where(second) == 'chaos-policy.yaml:10 "yes"'
    assert file.sha256 == hashlib.sha256(GOOD.encode()).hexdigest()
    assert second.at_most.duration == 120 and second.links == ("web", "tag:lab")
    assert file.policy.windows["office"].days == ("mon", "tue", "wed", "thu", "sun")
    assert file.approvals == tmp_path / "chaos-approvals"


def test_times_dates_and_words_are_what_they_look_like() -> None:
    """In YAML 1.1 `22:00` is 1320, `no` is false, a date is no text."""
    policy, _ = parsed(GOOD + "blackouts: [{from: 2026-12-24, to: 2026-12-26, why: no}]\n", HERE)
    assert policy.windows["office"].end == time(22, 0)
    assert policy.blackouts[0].why == "no"


def test_a_change_is_seen_at_once(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(GOOD)
    assert read(path).policy.rules[1].name == "yes"
    path.write_text(GOOD.replace("name: yes", "name: new"))
    assert read(path).policy.rules[1].name == "new"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("schema_version: 1", "schema_version: 2"), "for a newer chaostoolkit-ext"),
        (("schema_version: 1", "schema_version: one"), "line 1: schema_version must be 1, not 'one'"),
        (("latency_ms: 400", "latancy_ms: 400"), "line 13: unknown key 'latancy_ms'; did you mean latency_ms?"),
        (("latency_ms: 400", "latency_ms:"), "line 13: latency_ms has no value; write one, or take the line out"),
        (("latency_ms: 400", "latency_ms: ~"), "line 13: latency_ms has no value"),
        (("when: office", "approval:"), "line 14: approval has no value"),
        (("schema_version: 1\n", "schema_version: 1\nat_once: {faults: }\n"), "line 2: faults has no value"),
        (("latency_ms: 400", "latency_ms: .inf"), "line 13: rules.1.at_most.latency_ms: .*valid number"),
        (("latency_ms: 400", "latency_ms: .nan"), "line 13: rules.1.at_most.latency_ms: .*valid number"),
        (("latency_ms: 400", "latency_ms: !!int x"), "line 13: rules.1.at_most.latency_ms: .*valid number"),
        (("latency_ms: 400", f"latency_ms: {'9' * 5000}"), "line 13: rules.1.at_most.latency_ms: .*number"),
        (("duration: 2m", "duration: 1:30.5"), "line 13: .*'1:30.5' is not a duration"),
        (("latency_ms: 400", "latency_ms: -1"), "line 13: rules.1.at_most.latency_ms: .*greater than or equal to 0"),
        (("duration: 2m", "duration: soon"), "line 13: .*'soon' is not a duration; write for example 30s"),
        (("[latency, down]", "[latensy]"), "line 11: .*no kind of fault 'latensy'; did you mean latency?"),
        (("when: office", "when: ofice"), "rule 'yes': no window is called 'ofice'; did you mean office?"),
        (("Europe/Berlin", "Europe/Berlyn"), "line 2: zone: 'Europe/Berlyn' is no time zone"),
        (("zone: Europe/Berlin\n", ""), "windows and blackouts need a `zone`"),
        (("to: 22:00", "to: 09:00"), "`from` and `to` are the same"),
        (("to: 22:00", "to: 25:00"), "line 4: .*'25:00' is no time of day"),
        (("mon-thu", "mon-thr"), "line 4: .*'thr' is no day; did you mean thu?"),
        (("refuse: any", "allow: any\n    refuse: any"), "line 6: .*either `allow` or `refuse`"),
        (("refuse: any", "refuse: any\n    at_most: {duration: 1m}"), "a rule that refuses has no at_most"),
        (("    links: ledger-*\n", ""), "line 6: rules.0.links is missing"),
        (("name: yes", "name: no ledger"), "two rules are called 'no ledger'"),
        (("name: yes", "name: yes\n    name: really"), "line 11: name stands twice; keep one"),
        (("links: ledger-*", "links: &all [ledger]"), ""),
        (("rules:", "rulez:"), "line 5: unknown key 'rulez'; did you mean rules?"),
    ],
)
def test_each_mistake_is_told_with_its_line(change: tuple[str, str], says: str) -> None:
    assert change[0] in GOOD
    text = GOOD.replace(*change)
    if not says:  # an anchor alone is harmless
        parsed(text, HERE)
        return
    with pytest.raises(BadFile, match=f"(?s)the policy {HERE} .*{says}"):
        parsed(text, HERE)


def test_what_is_said_by_reference_is_refused() -> None:
    text = GOOD.replace("links: ledger-*", "links: &all [ledger]").replace("links: [web, tag:lab]", "links: *all")
    with pytest.raises(BadFile, match="line 8: an anchor"):
        parsed(text, HERE)


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "[]", "1", "a: [", "\t", "x: {" * 3000, "!!python/object:os.system {}"]
)
def test_what_is_no_policy_at_all_closes_in_one_sentence(text: str) -> None:
    with pytest.raises(BadFile, match=str(HERE)):
        parsed(text, HERE)


@given(
    st.text(max_size=200)
    | st.builds(lambda at, cut: GOOD[:at] + cut + GOOD[at:], st.integers(0, len(GOOD)), st.text(max_size=4))
)
def test_no_text_raises_anything_but_bad_file(text: str) -> None:
    try:
        parsed(text, HERE)
    except BadFile:
        pass


def test_one_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="cannot be read: No such file"):
        read(tmp_path / "none.yaml")
    with pytest.raises(BadFile, match="cannot be read: Is a directory"):
        read(tmp_path)
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(BadFile, match="cannot be read: it is no file"):
        read(tmp_path / "pipe.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"name: caf\xe9")
    with pytest.raises(BadFile, match="is not UTF-8"):
        read(tmp_path / "latin.yaml")
    (tmp_path / "big.yaml").write_bytes(b"#" * 1_000_001)
    with pytest.raises(BadFile, match="bigger than 1000000 bytes"):
        read(tmp_path / "big.yaml")
