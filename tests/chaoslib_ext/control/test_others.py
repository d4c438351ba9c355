"""A control of somebody's that the host passes over in silence keeps the run from going on, or from beginning."""

import json
from typing import Any

import pytest
from chaoslib import control as host

from chaoslib_ext.control.others import Others
from chaoslib_ext.model import Verdict

pytestmark = pytest.mark.joins("control", "host")

STOP = "from chaoslib.exceptions import InterruptExecution\ndef {}(context):\n    raise InterruptExecution('not now')\n"


@pytest.fixture
def written(chaos: Any) -> Any:
    """Write a control; gives its declaration."""

    def write(source: str, name: str = "safe") -> dict[str, Any]:
        (chaos.place / f"{name}.py").write_text(source)
        return {"name": name, "provider": {"type": "python", "module": name}}

    return write


@pytest.fixture
def run(chaos: Any, make: Any) -> Any:
    """Run one fault with a rollback under these controls of the experiment; gives what came of it."""

    def go(*controls: dict[str, Any], files: dict[str, Any] | None = None, **fault: Any) -> Any:
        method = [
            {**make.activity("note", "fault", path="fault"), **fault},
            make.activity("note", "go-on", path="next"),
        ]
        heal = make.activity("note", "heal", path="healed")
        options = []
        if files is not None:
            (chaos.place / "files.json").write_text(json.dumps(files))
            options = ["--control-file", "files.json"]
        more = {"controls": list(controls)} if controls else {}
        return chaos.run(chaos.experiment(method, rollbacks=[heal], **more), *options, how="settings")

    return go


ABSENT = {"name": "absent", "provider": {"type": "python", "module": "not_installed"}}


@pytest.mark.parametrize("where", ["experiment", "activity", "file"])
def test_one_that_is_not_installed_refuses_the_run(chaos: Any, run: Any, where: str) -> None:
    """[13]"""
    done = {
        "experiment": lambda: run(ABSENT),
        "activity": lambda: run(controls=[ABSENT]),
        "file": lambda: run(files={"absent": {"provider": ABSENT["provider"]}}),
    }[where]()
    assert done.code == 1 and done.story.refused and not (chaos.place / "fault").exists()
    assert 'the control "absent": the Python module not_installed cannot be imported' in done.err
    assert "Traceback" not in done.err


def test_one_whose_own_import_fails_is_told_with_what_it_lacks(chaos: Any, run: Any, written: Any) -> None:
    """[13, 22]"""
    done = run(written("import not_there_at_all\n"))
    assert done.story.refused and "No module named 'not_there_at_all'" in done.err


@pytest.mark.parametrize("where", ["experiment", "file"])
def test_one_that_cannot_be_set_up_refuses_the_run(chaos: Any, run: Any, written: Any, where: str) -> None:
    """[13]"""
    safe = written("def configure_control(experiment):\n    raise RuntimeError('no key')\n")
    done = run(safe) if where == "experiment" else run(files={"safe": safe})
    assert done.story.refused and not (chaos.place / "fault").exists()
    assert done.err.count('the control "safe" could not be set up') == 1


def test_one_that_the_host_never_calls_refuses_the_run(chaos: Any, run: Any) -> None:
    done = run({"name": "shell", "provider": {"type": "process", "path": "true"}})
    assert done.story.refused and "the host calls Python only" in done.err


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("def before_method_control(context):\n    raise RuntimeError('no')\n", "before the method: RuntimeError: no"),
        ("def before_method_control(contxt):\n    pass\n", "before the method: TypeError"),
        ("def before_activity_control(context):\n    1 / 0\n", "before the activity: ZeroDivisionError"),
        ("def before_experiment_control(context):\n    1 / 0\n", "before the experiment: ZeroDivisionError"),
    ],
    ids=["raises", "misspelt", "activity", "experiment"],
)
def test_one_that_cannot_be_asked_lets_nothing_in(chaos: Any, run: Any, written: Any, source: str, says: str) -> None:
    """[13]"""
    done = run(written(source))
    assert done.code == 1 and done.story.verdict is Verdict.ABORTED, done.err
    assert f'the control "safe" failed {says}' in done.story.reasons[0]
    assert not (chaos.place / "fault").exists() and (chaos.place / "healed").exists()


def test_one_that_fails_behind_a_fault_ends_the_run_there(chaos: Any, run: Any, written: Any) -> None:
    """[13]"""
    done = run(written("def after_activity_control(context, state):\n    raise RuntimeError('lost sight')\n"))
    assert done.story.verdict is Verdict.ABORTED and not (chaos.place / "next").exists()
    assert (chaos.place / "healed").read_text() == "here\n"


def test_one_that_fails_when_all_is_over_is_told_and_changes_nothing(chaos: Any, run: Any, written: Any) -> None:
    done = run(written("def after_experiment_control(context, state):\n    raise RuntimeError('nobody listens')\n"))
    assert done.code == 0 and done.story.verdict is Verdict.HELD
    assert "after the experiment: RuntimeError: nobody listens" in done.err
    assert "control.failed" in done.kinds


def test_one_that_ends_the_run_when_all_is_over_is_heard(chaos: Any, run: Any, written: Any) -> None:
    done = run(written(STOP.format("after_experiment_control")))
    assert done.code == 1 and done.story.verdict is Verdict.ABORTED


def test_one_that_speaks_in_the_background_ends_the_run(chaos: Any, run: Any, written: Any) -> None:
    """[15]"""
    done = run(background=True, controls=[written(STOP.format("before_activity_control"))])
    assert done.code == 1 and done.story.verdict is Verdict.ABORTED
    assert 'the control "safe" ended the run: not now' in done.story.reasons[0]
    assert not (chaos.place / "fault").exists() and (chaos.place / "healed").exists()


def test_a_global_one_is_asked_also_where_the_experiment_has_its_own(chaos: Any, run: Any, written: Any) -> None:
    """[14]"""
    other = written("def before_activity_control(context):\n    pass\n", "other")
    done = run(other, files={"safe": written(STOP.format("before_method_control"))})
    assert done.story.verdict is Verdict.ABORTED and not (chaos.place / "fault").exists()


def test_ours_beside_it_does_not_call_anybody_twice(chaos: Any, run: Any, written: Any) -> None:
    count = "def before_activity_control(context):\n    open('count', 'a').write(context['name'] + ' ')\n"
    run(written(count, "counts"), controls=[written("", "quiet")])
    assert (chaos.place / "count").read_text() == "fault go-on heal "


def test_the_host_is_as_it_was_once_a_run_is_over() -> None:
    others = Others(lambda part, says, wants_end: None)
    others.restore()
    before = dict(vars(host))
    others.install()
    assert host.apply_python_control is not before["apply_python_control"]
    others.restore()
    assert dict(vars(host)) == before
