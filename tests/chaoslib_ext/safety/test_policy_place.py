"""Which policy counts, and who may say that there must be one."""

import os
from pathlib import Path

import pytest

from chaoslib_ext.errors import BadFile
from chaoslib_ext.safety import policy_place
from chaoslib_ext.safety.policy_place import Places, find, folders_of


@pytest.fixture(autouse=True)
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Site file and settings of this test alone, neither there; the working directory is empty."""
    monkeypatch.setattr(policy_place, "SITE", tmp_path / "etc.yaml")
    monkeypatch.setattr(policy_place, "SETTINGS", tmp_path / "settings.yaml")
    work = tmp_path / "work" / "deep"
    work.mkdir(parents=True)
    monkeypatch.chdir(work)
    return tmp_path


def test_without_any_there_is_none_and_none_is_required() -> None:
    assert find() == Places((), None)


def test_the_nearest_upwards_counts(outside: Path) -> None:
    (outside / "work" / "chaos-policy.yaml").touch()
    assert find().paths == (outside / "work" / "chaos-policy.yaml",)
    (outside / "work" / "deep" / "chaos-policy.yaml").touch()
    assert find().paths == (outside / "work" / "deep" / "chaos-policy.yaml",)


def test_a_link_that_leads_nowhere_is_a_policy_all_the_same(outside: Path) -> None:
    (outside / "work" / "deep" / "chaos-policy.yaml").symlink_to(outside / "gone")
    assert find().paths == (outside / "work" / "deep" / "chaos-policy.yaml",)


def test_all_that_are_named_or_lie_near_count(outside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAOS_POLICY", "../mine.yaml")
    (outside / "settings.yaml").write_text("chaostoolkit-ext: {policy: {required: true, path: /user.yaml}}\n")
    (outside / "etc.yaml").write_text("schema_version: 1\npath: /site.yaml\n")
    here, there = outside / "work" / "deep", outside / "experiments"
    there.mkdir()
    for folder in (here, there):
        (folder / "chaos-policy.yaml").touch()
    found = find((here, there))
    named = (Path("/site.yaml"), Path("/user.yaml"), here / ".." / "mine.yaml")
    assert found.paths == (*named, here / "chaos-policy.yaml", there / "chaos-policy.yaml")
    assert found.required_by == outside / "settings.yaml"


def test_the_same_file_by_several_ways_counts_once(outside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = outside / "work" / "chaos-policy.yaml"
    policy.touch()
    (outside / "other.yaml").symlink_to(policy)
    monkeypatch.setenv("CHAOS_POLICY", str(outside / "other.yaml"))
    assert find((outside / "work" / "deep", outside / "work")).paths == (outside / "other.yaml",)


def test_an_experiment_lies_where_it_is_named_and_where_links_lead(outside: Path) -> None:
    real = outside / "real"
    real.mkdir()
    (real / "x.json").touch()
    (outside / "work" / "linked").symlink_to(real)
    (outside / "work" / "y.json").symlink_to(real / "x.json")
    work = outside / "work"
    assert folders_of("x.json", real) == (real,)
    assert folders_of(work / "linked" / "x.json", outside) == (work / "linked", real)
    assert folders_of("deep/../y.json", work) == (work, real)
    assert folders_of("https://example.org/x.json", work) == ()
    assert folders_of("nosuch.json", work) == folders_of(None, work) == ()


def test_a_policy_of_which_the_system_does_not_say_whether_it_is_there_is_one(outside: Path) -> None:
    loop = outside / "loop"
    loop.symlink_to(loop)
    assert find((loop,)).paths == (loop / "chaos-policy.yaml",)


def test_required_without_a_path_is_kept_whoever_names_the_policy(
    outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (outside / "etc.yaml").write_text("required: true\n")
    assert find() == Places((), outside / "etc.yaml")
    monkeypatch.setenv("CHAOS_POLICY", "/mine.yaml")
    assert find() == Places((Path("/mine.yaml"),), outside / "etc.yaml")


def test_settings_that_speak_of_other_things_demand_nothing(outside: Path) -> None:
    (outside / "settings.yaml").write_text("controls: {}\nchaostoolkit-ext: {colour: true}\n")
    assert find().required_by is None


@pytest.mark.parametrize(
    "text", ["required: maybe", "requierd: true", "path: relative.yaml", "a: [", "- 1", "schema_version: 2"]
)
@pytest.mark.parametrize("name", ["etc.yaml", "settings.yaml"])
def test_a_demand_that_cannot_be_understood_closes(outside: Path, name: str, text: str) -> None:
    below = text if name == "etc.yaml" else "chaostoolkit-ext:\n  policy:\n" + "".join(
        f"    {line}\n" for line in text.splitlines()
    )  # fmt: skip
    (outside / name).write_text(below)
    with pytest.raises(BadFile, match=r"nothing is\s+allowed"):
        find()


@pytest.mark.parametrize(
    "text", ["5", "[policy]", "yes", "{polcy: {required: true}}", "{Policy: {required: true}}", "{policies: {}}"]
)
def test_a_slip_of_the_pen_below_our_key_lifts_no_demand(outside: Path, text: str) -> None:
    (outside / "settings.yaml").write_text(f"chaostoolkit-ext: {text}\n")
    with pytest.raises(BadFile, match="nothing is allowed"):
        find()


@pytest.mark.parametrize("name", ["etc.yaml", "settings.yaml"])
def test_a_demand_that_is_a_pipe_or_endless_closes_and_keeps_nobody_waiting(outside: Path, name: str) -> None:
    os.mkfifo(outside / name)
    with pytest.raises(BadFile, match=r"it is no file.*may demand a policy, so nothing is allowed"):
        find()
    (outside / name).unlink()
    (outside / name).write_bytes(b"#" * 500_001)
    with pytest.raises(BadFile, match=r"bigger than .*may demand a policy, so nothing is allowed"):
        find()


def test_a_demand_that_cannot_be_read_closes(outside: Path) -> None:
    (outside / "etc.yaml").mkdir()
    with pytest.raises(BadFile, match=r"Is a directory.*may demand a policy, so nothing is allowed"):
        find()
