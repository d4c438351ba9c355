"""What `chaos plan` takes as `chaos run` does."""

from pathlib import Path

import click
import pytest

from chaoslib_ext.cli._experiment_options import has_our_control, loaded
from chaoslib_ext.errors import BadFile

TEXT = "title: x\ndescription: y\nmethod: []\nconfiguration: {much: 1, host: a}\nsecrets: {s: {token: t}}\n"
OURS = "record: {provider: {type: python, module: chaoslib_ext.control}}\n"


@pytest.fixture
def experiment(tmp_path: Path) -> Path:
    (tmp_path / "x.yaml").write_text(TEXT)
    return tmp_path / "x.yaml"


def test_values_are_given_as_to_the_host(experiment: Path, tmp_path: Path) -> None:
    (tmp_path / "v.yaml").write_text("configuration: {host: b}\nsecrets: {s: {token: u}}\n")
    found = loaded(experiment, ["much:int=400"], [str(tmp_path / "v.yaml")])
    assert found.configuration == {"much": 400, "host": "b"} and found.secrets == {"s": {"token": "u"}}


def test_values_that_are_none_are_refused(experiment: Path, tmp_path: Path) -> None:
    with pytest.raises(click.BadParameter):
        loaded(experiment, ["much"], [])
    (tmp_path / "v.yaml").write_text("a: [")
    with pytest.raises(BadFile, match=r"--var-file .* cannot be read"):
        loaded(experiment, [], [str(tmp_path / "v.yaml")])


def test_our_control_is_found_wherever_it_may_stand(tmp_path: Path) -> None:
    settings = tmp_path / "settings.yaml"
    ctx = click.Context(click.Command("plan"), obj={"settings_path": str(settings)})
    assert not has_our_control(ctx, {}, [])
    assert has_our_control(ctx, {"controls": [{"name": "r", "provider": {"module": "chaoslib_ext.control"}}]}, [])
    (tmp_path / "c.yaml").write_text(OURS)
    assert has_our_control(ctx, {}, [str(tmp_path / "c.yaml")])
    settings.write_text(f"controls:\n  {OURS}")
    assert has_our_control(ctx, {}, [])


def test_a_control_file_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("a: [")
    ctx = click.Context(click.Command("plan"), obj={"settings_path": str(tmp_path / "s.yaml")})
    with pytest.raises(BadFile, match=r"control file .* cannot be read"):
        has_our_control(ctx, {}, [str(tmp_path / "c.yaml")])
