"""What `tag:` and `service:` mean: by the files that count here, and on the server in use."""

from pathlib import Path

import pytest

from chaoslib_ext.errors import UnknownTarget
from chaoslib_ext.links.file import Link, written
from chaoslib_ext.links.known import expanded, lab_file, named, on, own_file

DB = Link("db", "127.0.0.1:26001", "127.0.0.1:5432", ("database",), "postgres")
CACHE = Link("cache", "127.0.0.1:26002", "127.0.0.1:6379", ("cache", "store"), "valkey")
OTHER = Link("other", "127.0.0.1:26003", "127.0.0.1:5432", ("database",), "postgres")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHAOS_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.delenv("CHAOS_LINKS", raising=False)
    (tmp_path / "deep").mkdir()
    monkeypatch.chdir(tmp_path / "deep")
    written(tmp_path / "links.yaml", [DB, CACHE])
    return tmp_path


def test_the_nearest_file_upwards_counts_and_a_variable_goes_before(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert own_file() == folder / "links.yaml"
    monkeypatch.setenv("CHAOS_LINKS", str(folder / "mine.yaml"))
    assert own_file() == folder / "mine.yaml"


def test_tags_and_services_are_links_and_names_stay_names() -> None:
    assert expanded(["tag:database", "service:valkey", "c*"]) == ["db", "cache", "c*"]
    assert named(["db", "cache"], ["tag:store", "x"], server="s") == ["cache", "x"]


def test_the_lab_is_asked_too_and_only_what_is_on_the_server_is_meant() -> None:
    lab_file().parent.mkdir(parents=True)
    written(lab_file(), [OTHER])
    assert expanded(["tag:database"]) == ["db", "other"]
    assert named(["other"], ["tag:database"], server="s") == ["other"]


def test_the_labs_links_are_meant_only_on_the_labs_server() -> None:
    lab_file().parent.mkdir(parents=True)
    written(lab_file(), [OTHER])
    assert on([]) == on(["db"]) == [DB, CACHE]
    assert on(["other"]) == [DB, CACHE, OTHER]


@pytest.mark.parametrize(
    ("wanted", "says"),
    [("tag:databse", "did you mean database.*cache, database, store"), ("service:x", "known: postgres, valkey")],
)
def test_an_unknown_one_is_refused_with_the_known(wanted: str, says: str) -> None:
    with pytest.raises(UnknownTarget, match=says):
        named(["db"], [wanted], server="s")


def test_half_of_what_a_tag_means_is_never_taken_for_the_whole(folder: Path) -> None:
    written(folder / "links.yaml", [DB, OTHER])
    with pytest.raises(UnknownTarget, match=r"means other too.*check --create"):
        named(["db"], ["tag:database"], server="s")
    with pytest.raises(UnknownTarget, match="means db, other, not on s"):
        named([], ["tag:database"], server="s")
