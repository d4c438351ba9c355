"""What the guard turns on, gathered for real: links, faults that are on, the declared run; and the door asking it."""

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from chaoslib_ext.clock import FakeClock
from chaoslib_ext.errors import GuardRefused
from chaoslib_ext.faults import measure, permission
from chaoslib_ext.faults.fault import Fault
from chaoslib_ext.faults.inject import check, inject
from chaoslib_ext.faults.proxy_down import ProxyDown
from chaoslib_ext.faults.run import begin, current, end_current
from chaoslib_ext.faults.targets import target_of
from chaoslib_ext.faults.toxic import Toxic
from chaoslib_ext.folders import state_dir
from chaoslib_ext.model import Target, Undo
from chaoslib_ext.safety import policy_place
from chaoslib_ext.safety.decision import Described
from chaoslib_ext.testing.faults import World
from chaoslib_ext.undo.log import UndoLog, logs

pytestmark = pytest.mark.joins("faults", "safety", "links")

RULE = "rules:\n  - {name: all, allow: any, links: '*'}\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(policy_place, "SITE", tmp_path / "etc.yaml")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def policy(text: str) -> None:
    Path("chaos-policy.yaml").write_text(f"schema_version: 1\n{text}")


def slow(proxy: str = "web-http", latency: int = 40, duration: str | None = "60s") -> Fault:
    return Toxic.of(proxy=proxy, type="latency", attributes={"latency_ms": latency}, duration=duration)


def target(world: World, name: str = "web-http") -> Target:
    return target_of(world.client, world.client.proxy(name))


def test_the_door_asks_also_without_our_control_and_touches_nothing(world: World) -> None:
    policy("rules:\n  - {name: gently, allow: latency, links: web-*, at_most: {latency_ms: 100, duration: 2m}}\n")
    before = world.looks()
    for fault in (slow(latency=101), slow(duration=None), slow("orders-postgresql"), ProxyDown.of(proxy="web-http")):
        with pytest.raises(GuardRefused, match=r"chaos-policy\.yaml"):
            inject(fault)
    assert world.looks() == before and not logs()
    (evidence,) = inject(slow()).faults
    assert evidence.confirmed
    assert check(slow()) == [target(world)]


def test_without_our_control_nobody_can_have_approved_it(world: World) -> None:
    policy("rules:\n  - {name: x, allow: any, links: '*', approval: required}\n")
    with pytest.raises(GuardRefused, match="known only in a run under our control"):
        inject(slow())


def test_a_glob_is_refused_whole_when_one_of_its_targets_is(world: World) -> None:
    policy("rules:\n  - {name: no, refuse: any, links: web-*}\n  - {name: all, allow: any, links: '*'}\n")
    before = world.looks()
    with pytest.raises(GuardRefused, match='"no": it refuses this always'):
        inject(slow("*"))
    assert world.looks() == before


def test_faults_that_are_on_are_counted_over_runs(world: World) -> None:
    policy(f"at_once: {{faults: 2}}\n{RULE}")
    inject(slow("*"))
    with pytest.raises(GuardRefused, match=r"faults on at once .* at most 2, .* number 3"):
        inject(slow())
    current().undo_all("hand")
    inject(slow())


def test_the_targets_of_one_call_are_counted_before_the_first_is_touched(world: World) -> None:
    policy(f"at_once: {{faults: 1}}\n{RULE}")
    before = world.looks()
    with pytest.raises(GuardRefused, match="number 2"):
        inject(slow("*"))
    assert world.looks() == before


def test_faults_on_one_link_and_links_of_one_run(world: World) -> None:
    policy(f"at_once: {{faults_per_link: 1, links_per_run: 1}}\n{RULE}")
    inject(slow())
    with pytest.raises(GuardRefused, match="faults on at once on this link: at most 1"):
        inject(slow())
    with pytest.raises(GuardRefused, match="links hit by one run: at most 1"):
        inject(slow("orders-postgresql"))
    current().undo_all("hand")
    with pytest.raises(GuardRefused, match="links hit by one run"):
        inject(slow("orders-postgresql"))
    end_current()
    begin()
    inject(slow("orders-postgresql"))


def test_faults_on_a_link_are_counted_whatever_the_spelling_of_its_server(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy(f"at_once: {{faults_per_link: 1, links_per_run: 1}}\n{RULE}")
    inject(slow())
    port = world.client.url.rpartition(":")[2]
    for spelling in (f"http://localhost:{port}/", f"http://127.1:{port}", f"http://[::ffff:127.0.0.1]:{port}"):
        monkeypatch.setenv("TOXIPROXY_URL", spelling)
        with pytest.raises(GuardRefused, match="faults on at once on this link: at most 1"):
            inject(slow())


def test_two_that_come_at_once_do_not_both_get_the_last_place(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another run has its turn, and puts its fault in, while we wait for ours."""
    policy(f"at_once: {{faults: 1}}\n{RULE}")
    waiting = threading.Event()

    def may_wait(waited: float) -> bool:
        waiting.set()
        return True

    told: list[str] = []

    def try_it() -> None:
        try:
            inject(slow())
            told.append("in")
        except GuardRefused as error:
            told.append(str(error))

    begin()
    monkeypatch.setattr(permission, "_may_wait", may_wait)
    with FileLock(state_dir() / "at-once.lock"):  # as an older version takes it
        thread = threading.Thread(target=try_it)
        thread.start()
        assert waiting.wait(60), "it did not wait for its turn"
        other = UndoLog.create("7f3a99")
        args = {"server": "http://127.0.0.1:1", "proxy": "web", "toxic": "cx-7f3a99-latency"}
        undo = Undo(
            id=1, run="7f3a99", driver="proxy", op="remove_toxic", args=args, fault="latency", says="x", by_hand="y"
        )
        other.intend(undo)
    thread.join()
    assert "this would be number 2" in told[0] and not world.client.toxics("web-http")
    other.remove()


def test_what_changes_during_the_baseline_is_heard_at_the_last_moment(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before it the clock is at 16:58 and the window open; after it the window has closed."""
    policy(
        "zone: UTC\nwindows: {office: {from: 09:00, to: 17:00}}\n"
        "rules:\n  - {name: x, allow: any, links: '*', when: office}\n"
    )
    clock, real = FakeClock(datetime(2026, 11, 25, 16, 58, tzinfo=UTC)), measure.each

    def slowly(*args: Any, **more: Any) -> Any:
        clock.move(90)
        return real(*args, **more)

    monkeypatch.setattr(measure, "each", slowly)
    before = world.looks()
    with pytest.raises(GuardRefused, match=r"office closes .* before this fault would end|outside of office"):
        inject(slow(duration="60s"), clock=clock)
    assert world.looks() == before and not current().log.read().intents


def test_what_links_yaml_says_counts_only_for_the_proxy_it_describes(world: World, here: Path) -> None:
    seen = target(world)
    assert permission.described(seen) == ()
    one = f"name: web-http, listen: '{seen.listen}', upstream: '{seen.upstream}', tags: [lab], service: shop"
    (here / "links.yaml").write_text(f"schema_version: 1\nlinks: [{{{one}}}]\n")
    assert permission.described(seen) == (Described(frozenset({"lab"}), "shop"),)
    assert permission.described(seen.model_copy(update={"upstream": "10.0.0.1:80"})) == ()
    assert permission.described(seen.model_copy(update={"upstream": ""})) != (), "offline: nobody knows better"
    policy("rules:\n  - {name: lab, allow: any, links: tag:lab}\n")
    assert check(slow()) == [seen]
    with pytest.raises(GuardRefused, match="describes orders-postgresql as it is"):
        check(slow("orders-postgresql"))


def test_the_record_of_a_run_says_which_rule_allowed_each_fault(world: World, tmp_path: Path) -> None:
    policy(RULE)
    notes: list[tuple[str, dict]] = []

    class Record:
        folder, id = tmp_path, "7f3a00"

        def append(self, kind: str, data: dict, actor: str = "runner") -> None:
            notes.append((kind, data))

    begin(Record())
    inject(slow())
    told = {kind: data["policy"] for kind, data in notes if kind in ("fault.planned", "fault.applied")}
    assert told["fault.planned"] == told["fault.applied"]
    assert told["fault.applied"]["rule"] == "all" and told["fault.applied"]["line"] == 3
    assert len(told["fault.applied"]["sha256"]) == 64


def test_an_activity_that_goes_elsewhere_takes_no_laxer_policy_along(
    world: World, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy("rules:\n  - {name: no, refuse: any, links: '*'}\n")
    (here / "lax").mkdir()
    (here / "lax" / "chaos-policy.yaml").write_text(f"schema_version: 1\n{RULE}")
    with permission.declared(permission.Declared(folders=(here,))):
        monkeypatch.chdir(here / "lax")
        with pytest.raises(GuardRefused, match='"no"'):
            inject(slow())


def test_which_links_describe_a_target_is_fixed_when_the_run_begins_and_the_strictest_of_them_counts(
    world: World, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An activity that changes the directory, or a run from a folder with a links.yaml of its own, loses no tag."""
    policy("rules:\n  - {name: no, refuse: any, links: tag:prod}\n  - {name: all, allow: any, links: '*'}\n")
    seen = target(world)
    for folder, tag in (("careful", "prod"), ("lax", "lab")):
        (here / folder).mkdir()
        one = f"name: web-http, listen: '{seen.listen}', upstream: '{seen.upstream}', tags: [{tag}]"
        (here / folder / "links.yaml").write_text(f"schema_version: 1\nlinks: [{{{one}}}]\n")
    monkeypatch.chdir(here / "lax")
    for folders in ([here / "careful"], [here / "lax", here / "careful"], [here / "careful", here / "lax"]):
        with (
            permission.declared(permission.Declared(folders=tuple(folders))),
            pytest.raises(GuardRefused, match=r':3 "no": it refuses this always\. Nothing'),
        ):
            inject(slow())
    with permission.declared(permission.Declared(folders=(here / "lax",))):
        assert inject(slow()).faults


def test_a_declaration_ends_with_its_block() -> None:
    with permission.declared(permission.Declared(has_control=True)):
        assert permission._declared.has_control
    assert not permission._declared.has_control


def test_a_state_folder_that_hangs_lets_nothing_in_where_a_policy_counts_faults(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy(f"at_once: {{faults: 2}}\n{RULE}")
    answers = threading.Event()
    monkeypatch.setattr(permission, "lock_file", lambda path: answers.wait(60))
    monkeypatch.setattr(permission, "WITHIN", 0.1)
    begin()
    try:
        with pytest.raises(GuardRefused, match=r"its lock .* cannot be opened \(it does not answer within 0.1 s\)"):
            inject(Toxic(proxy="web-http", type="noop"))
    finally:
        answers.set()
    assert not world.client.toxics("web-http")
