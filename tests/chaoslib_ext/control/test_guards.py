"""Guards end a run at once, fail closed, and never cut the way back short."""

import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest

from chaoslib_ext.control.guards import Guards, probes_of
from chaoslib_ext.errors import BadInput
from chaoslib_ext.extension import Guard
from chaoslib_ext.model import Verdict
from chaoslib_ext.proxy import hold
from chaoslib_ext.proxy.client import Client

GUARDED = "chaostoolkit-ext"


def guard(make: Any, state: str, **more: Any) -> dict[str, Any]:
    probe = make.probe("from_file", "well", name="patient", path=state)
    return {
        "name": "patient",
        "every": "50ms",
        "bad_for": "300ms",
        **{k: probe[k] for k in ("provider", "tolerance")},
        **more,
    }


@pytest.fixture
def state(chaos: Any) -> str:
    path = chaos.place / "guarded.txt"
    path.write_text("well\n")
    return str(path)


def entry(*guards: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    return [{"name": GUARDED, "guards": list(guards), **more}]


def test_a_guard_ends_a_long_activity_at_once_and_everything_is_undone(chaos: Any, make: Any, state: str) -> None:
    method = [make.activity("note", path=state, says="ill"), make.activity("nap", path="napped", seconds=60)]
    heal = make.activity("note", "heal", path="healed")
    done = chaos.run(chaos.experiment(method, rollbacks=[heal], extensions=entry(guard(make, state))))
    assert done.code == 1 and done.story.verdict is Verdict.ABORTED
    assert 'the guard "patient" was not good' in done.story.reasons[0] and "ill" in done.story.reasons[0]
    assert (chaos.place / "healed").exists() and done.story.seconds < 50
    assert done.journal["extensions"][-1]["verdict"] == "aborted"


def test_an_activity_that_does_not_let_itself_be_ended_keeps_no_fault_in(
    chaos: Any, make: Any, state: str, until: Any, embedded: str
) -> None:
    client = Client(embedded)
    client.create("web", "127.0.0.1:9")
    chaos.env["TOXIPROXY_URL"] = embedded
    provider = {"type": "python", "module": "actions.toxics", "func": "add", "arguments": {"proxy": "web"}}
    provider["arguments"] |= {"type": "noop"}
    put_in = {"type": "action", "name": "put in", "provider": provider}
    stays, let_go = chaos.place / "stays", chaos.place / "let-go"
    holds_on = make.activity("hold_on", path=str(stays), until=str(let_go))
    method = [put_in, make.activity("note", path=state, says="ill"), holds_on]
    child = chaos.start(chaos.experiment(method, extensions=entry(guard(make, state))))
    until(lambda: stays.exists() and len(client.toxics("web")) > 1, "the fault")
    until(lambda: [one.name for one in client.toxics("web")] == [hold.NAME], "the undo")
    assert child.poll() is None
    let_go.touch()
    done = chaos.end(child)
    assert done.story.verdict is Verdict.ABORTED and not client.toxics("web")
    assert "does not let itself be ended" in done.err


def test_a_guard_ends_a_background_activity_too_and_nobody_waits_for_it(chaos: Any, make: Any, state: str) -> None:
    nap = {**make.activity("nap", path="napped", seconds=60), "background": True}
    method = [
        nap,
        make.activity("note", path=state, says="ill"),
        make.activity("nap", "nap2", path="napped2", seconds=60),
    ]
    heal = make.activity("note", "heal", path="healed")
    done = chaos.run(chaos.experiment(method, rollbacks=[heal], extensions=entry(guard(make, state))))
    assert done.story.verdict is Verdict.ABORTED and done.story.seconds < 50
    assert (chaos.place / "healed").read_text() == "here\n"
    assert [run["activity"]["name"] for run in done.journal["rollbacks"]] == ["heal"]
    assert done.kept["rollbacks"][0]["status"] == "succeeded"


def test_a_guard_that_is_not_good_before_the_method_lets_nothing_in(chaos: Any, make: Any, state: str) -> None:
    (chaos.place / "guarded.txt").write_text("ill\n")
    method = [make.activity("note", path="injected")]
    rollbacks = [make.activity("note", path="rolled-back")]
    done = chaos.run(chaos.experiment(method, rollbacks=rollbacks, extensions=entry(guard(make, state))))
    assert done.story.verdict is Verdict.ABORTED and "nothing was injected" in done.story.reasons[0]
    assert not (chaos.place / "injected").exists() and not (chaos.place / "rolled-back").exists()


def test_a_guard_whose_probe_fails_is_not_good(chaos: Any, make: Any, state: str) -> None:
    broken = {"name": "broken", "tolerance": True, "provider": make.probe("fail", True)["provider"]}
    done = chaos.run(chaos.experiment([make.activity("note", path="injected")], extensions=entry(broken)))
    assert done.story.verdict is Verdict.ABORTED and not (chaos.place / "injected").exists()


def test_a_guard_does_not_cut_the_rollbacks_short(chaos: Any, make: Any, state: str) -> None:
    method = [make.activity("value", of=1)]
    rollbacks = [
        make.activity("note", path=state, says="ill"),
        make.activity("nap", path="napping", seconds=4.0),
        make.activity("note", "last", path="last"),
    ]
    patient = guard(make, state, bad_for="3s")
    done = chaos.run(chaos.experiment(method, rollbacks=rollbacks, extensions=entry(patient)))
    assert done.story.verdict is Verdict.HELD and (chaos.place / "last").exists()


def test_a_guard_may_name_a_probe_of_the_hypothesis(chaos: Any, make: Any, state: str) -> None:
    probes = [make.probe("from_file", "well", name="patient", path=state)]
    method = [make.activity("note", path=state, says="ill"), make.activity("nap", path="napped", seconds=60)]
    ref = {"ref": "patient", "every": "50ms", "bad_for": "300ms"}
    heal = make.activity("fail", "heal")
    heal["provider"] = {"type": "process", "path": "sh", "arguments": ["-c", f"printf well > {state}"]}
    done = chaos.run(chaos.experiment(method, probes=probes, rollbacks=[heal], extensions=entry(ref)))
    assert done.story.verdict is Verdict.ABORTED
    assert done.story.recovery is not None and done.story.recovery["state"] == "back"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"guards": [{"ref": "pateint"}]}, "did you mean patient?"),
        ({"guards": [{"ref": "patient", "badfor": "1s"}]}, "guards.0.badfor is unknown; did you mean bad_for?"),
        ({"guards": [{"name": "x"}]}, "either ref, or all of name, provider and tolerance"),
        ({"recovery": {"at_most": "soon"}}, "is not a duration"),
        ({"gards": []}, "gards is unknown; did you mean guards?"),
    ],
)
def test_an_entry_that_says_nonsense_is_refused_before_anything(
    chaos: Any, make: Any, wrong: dict[str, Any], says: str, state: str
) -> None:
    probes = [make.probe("from_file", "well", name="patient", path=state)]
    method = [make.activity("note", path="injected")]
    done = chaos.run(chaos.experiment(method, probes=probes, extensions=[{"name": GUARDED, **wrong}]))
    assert done.code == 1 and says in done.err and "Nothing was injected" in done.err
    assert not (chaos.place / "injected").exists() and done.story.refused


def _guards(take: Callable[[], Any], trip: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> Guards:
    monkeypatch.setattr("chaoslib_ext.control.guards.sample", lambda probes, configuration, secrets: take())
    asked = Guard.model_validate(
        {"name": "g", "tolerance": True, "every": 0.02, "bad_for": 0.2, "provider": {"type": "process", "path": "true"}}
    )
    return Guards([asked], {}, {}, {}, note=lambda kind, data: None, trip=trip)


def test_a_probe_that_hangs_is_not_good(monkeypatch: pytest.MonkeyPatch) -> None:
    from chaoslib_ext.control.sampling import Sample

    hang, tripped, said = threading.Event(), threading.Event(), []
    answers = iter([Sample("")])

    def take() -> Sample:
        found = next(answers, None)
        if found is None:
            hang.wait(60)
        return found or Sample("too late")

    guards = _guards(take, lambda why: (said.append(why), tripped.set()), monkeypatch)
    assert guards.begin() is None
    assert tripped.wait(20), "a hanging probe did not trip its guard"
    hang.set()
    assert "does not answer any more" in said[0]


def test_one_bad_sample_between_good_ones_does_not_trip(monkeypatch: pytest.MonkeyPatch) -> None:
    from chaoslib_ext.control.sampling import Sample

    seen = threading.Semaphore(0)
    count = iter(range(10**6))

    def take() -> Sample:
        seen.release()
        return Sample("") if next(count) % 2 == 0 else Sample("bad")

    said: list[str] = []
    guards = _guards(take, said.append, monkeypatch)
    assert guards.begin() is None
    for _ in range(20):
        assert seen.acquire(timeout=20)
    guards.end()
    assert said == []


def test_a_probe_that_the_host_refuses_is_refused() -> None:
    asked = Guard.model_validate({"name": "g", "tolerance": True, "provider": {"type": "nonsense"}})
    with pytest.raises(BadInput, match='the guard "g" cannot be used'):
        probes_of([asked], {})


@pytest.mark.parametrize("where", ["pause after", "pause before", "background only"])
def test_a_guard_ends_whatever_the_run_waits_for(chaos: Any, make: Any, state: str, where: str) -> None:
    sick = make.activity("note", "sick", path=state, says="ill")
    late = make.activity("note", "late", path="went-on")
    nap = {**make.activity("nap", path="napped", seconds=60), "background": True}
    method = {
        "pause after": [{**sick, "pauses": {"after": 60}}, late],
        "pause before": [sick, {**late, "pauses": {"before": 60}}],
        "background only": [nap, sick],
    }[where]
    heal = make.activity("note", "heal", path="healed")
    done = chaos.run(chaos.experiment(method, rollbacks=[heal], extensions=entry(guard(make, state))))
    assert done.code == 1 and done.story.verdict is Verdict.ABORTED and done.story.seconds < 50
    assert (chaos.place / "healed").read_text() == "here\n" and not (chaos.place / "went-on").exists()


def test_a_guard_that_leaves_the_process_or_hangs_lets_nothing_in_or_ends_the_run(chaos: Any, make: Any) -> None:
    leaves = {"name": "leaves", "tolerance": 1, "provider": make.probe("leave", 1, code=0)["provider"]}
    done = chaos.run(chaos.experiment([make.activity("note", path="injected")], extensions=entry(leaves)))
    assert done.code == 1 and done.story.verdict is Verdict.ABORTED and not (chaos.place / "injected").exists()
    (chaos.place / "journal").rename(chaos.place / "first")
    hangs = {"name": "hangs", "every": "50ms", "bad_for": "300ms", "tolerance": True}
    hangs["provider"] = make.probe("hang_if", True, path="hang")["provider"]
    method = [make.activity("note", path="hang"), make.activity("nap", path="napped", seconds=60)]
    done = chaos.run(chaos.experiment(method, extensions=entry(hangs)))
    assert done.story.verdict is Verdict.ABORTED and "does not answer any more" in done.story.reasons[0]


def test_ctrl_c_under_a_guard_is_ctrl_c(chaos: Any, make: Any, state: str, until: Any) -> None:
    nap = make.activity("nap", path="napped", seconds=60)
    child = chaos.start(chaos.experiment([nap], extensions=entry(guard(make, state))))
    until((chaos.place / "napped").exists, "the nap")
    child.send_signal(signal.SIGINT)
    done = chaos.end(child)
    assert done.story.verdict is Verdict.INTERRUPTED and done.story.reasons[0] == "ended by SIGINT"


@pytest.mark.parametrize("dry", ["probes", "pause"])
def test_a_rehearsal_that_acts_is_guarded(chaos: Any, make: Any, state: str, dry: str) -> None:
    method = [make.activity("note", path=state, says="ill"), make.activity("nap", path="napped", seconds=60)]
    done = chaos.run(chaos.experiment(method, extensions=entry(guard(make, state))), "--dry", dry)
    assert done.code == 1 and done.story.verdict is Verdict.ABORTED


def test_without_a_thread_for_its_guards_a_run_does_not_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Raised on, Chaos Toolkit would drop the error and go on without them."""

    def none(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    guards = _guards(lambda: None, lambda why: None, monkeypatch)
    monkeypatch.setattr("chaoslib_ext.control.guards.threading.Thread.start", none)
    assert guards.begin() == "the guards cannot look: can't start new thread; nothing was injected"
