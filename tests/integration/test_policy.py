"""A policy through real `chaos run`s: refused before anything is touched, and again where the fault would go in."""

import json
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.proxy.client import Client
from chaoslib_ext.testing.upstream import Upstream, http

pytestmark = [pytest.mark.joins("cli", "control", "faults", "plan", "safety", "record"), pytest.mark.timeout(600)]

EXPERIMENT = """
title: Does it hold?
description: A test.
configuration: {much: 40}
method:
  - {type: action, name: before, provider: {type: process, path: sh, arguments: "before.sh"}}
  - {type: action, name: slow, provider: {type: python, module: actions.toxics, func: add_latency,
     arguments: {proxy: web-http, latency_ms: "${much}", duration: 60s}}}
"""
CONTROL = "record: {provider: {type: python, module: chaoslib_ext.control}}\n"
LIMITS = ", at_most: {latency_ms: 100, duration: 2m}"
ALLOWED = f"schema_version: 1\nrules:\n- {{name: the web, allow: latency, links: web-*{LIMITS}}}\n"
APPROVAL = "schema_version: 1\nrules:\n- {name: the web, allow: latency, links: web-*, approval: required}\n"
SITE = """
import sys
from pathlib import Path
from chaoslib_ext.safety import policy_place
policy_place.SITE = Path("site.yaml").absolute()
sys.argv[0] = "chaos"
from chaostoolkit.__main__ import cli
sys.exit(cli())
"""
"""`chaos` on a machine whose administrator wrote site.yaml: no variable and no option leads there."""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def client(embedded: str, monkeypatch: pytest.MonkeyPatch, own_folders: Path) -> Iterator[Client]:
    monkeypatch.setenv("TOXIPROXY_URL", embedded)
    monkeypatch.setenv("HOME", str(own_folders))
    (own_folders / "x.yaml").write_text(EXPERIMENT)
    (own_folders / "before.sh").write_text("true\n")
    (own_folders / "control.yaml").write_text(CONTROL)
    with ExitStack() as stack:
        found = Client(embedded)
        found.create("web-http", stack.enter_context(Upstream(http)).address)
        yield found


@pytest.fixture
def chaos(own_folders: Path) -> Run:
    def run(*words: str, become: list[str] | None = None) -> subprocess.CompletedProcess[str]:
        command = [*(become or []), sys.executable, "-c", SITE, "--no-version-check", "--no-log-file", *words]
        return subprocess.run(command, cwd=own_folders, capture_output=True, text=True, timeout=300, check=False)

    return run


def guarded(chaos: Run, *words: str) -> subprocess.CompletedProcess[str]:
    return chaos("run", "--control-file", "control.yaml", *words, "x.yaml")


def seen(folder: Path) -> list[dict[str, Any]]:
    """The events of the newest run."""
    newest = max((folder / "journal" / "runs").iterdir(), key=lambda one: one.stat().st_mtime_ns)
    return [json.loads(line) for line in (newest / "events.jsonl").read_text().splitlines()]


def watched(client: Client) -> list[str]:
    return [toxic.name for toxic in client.toxics("web-http")]


def test_what_a_rule_allows_runs_and_its_record_names_rule_policy_and_hash(
    client: Client, chaos: Run, own_folders: Path
) -> None:
    (own_folders / "chaos-policy.yaml").write_text(ALLOWED)
    ran = guarded(chaos)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    events = {event["kind"]: event["data"] for event in seen(own_folders)}
    policy = events["run.started"]["policy"]
    assert policy["path"] == str(own_folders / "chaos-policy.yaml") and len(policy["sha256"]) == 64
    applied = events["fault.applied"]["policy"]
    assert (applied["rule"], applied["line"], applied["sha256"]) == ("the web", 3, policy["sha256"])
    assert watched(client) == []


def test_what_it_refuses_is_heard_before_anything_runs(client: Client, chaos: Run, own_folders: Path) -> None:
    (own_folders / "chaos-policy.yaml").write_text(ALLOWED)
    (own_folders / "before.sh").write_text("touch done\n")
    ran = guarded(chaos, "--var", "much:int=101")
    assert ran.returncode == 1 and "Nothing was injected." in ran.stderr
    assert "x.yaml:7  actions.toxics.add_latency: latency 101 ms, downstream on web-http" in ran.stderr
    assert 'chaos-policy.yaml:3 "the web": latency_ms is 101, with the jitter, and it allows at most 100' in ran.stderr
    assert not (own_folders / "done").exists() and watched(client) == []
    planned = chaos("plan", "x.yaml", "--var", "much:int=101", "--control-file", "control.yaml")
    assert planned.returncode == 1 and "latency_ms is 101" in planned.stdout


def test_a_policy_that_changes_during_the_run_is_asked_again_at_the_door(
    client: Client, chaos: Run, own_folders: Path
) -> None:
    (own_folders / "chaos-policy.yaml").write_text(ALLOWED)
    (own_folders / "closed.yaml").write_text(ALLOWED.replace("allow: latency", "refuse: any").replace(LIMITS, ""))
    (own_folders / "before.sh").write_text("cp closed.yaml chaos-policy.yaml\n")
    ran = guarded(chaos)
    assert ran.returncode == 1 and "it refuses this always" in ran.stdout + ran.stderr
    assert "fault.applied" not in {event["kind"] for event in seen(own_folders)} and watched(client) == []


def test_without_our_control_the_door_asks_all_the_same(client: Client, chaos: Run, own_folders: Path) -> None:
    (own_folders / "chaos-policy.yaml").write_text(ALLOWED)
    chaos("run", "--var", "much:int=101", "x.yaml")
    (activity,) = [
        one
        for one in json.loads((own_folders / "journal.json").read_text())["run"]
        if one["activity"]["name"] == "slow"
    ]
    assert activity["status"] == "failed" and "the web" in "".join(activity["exception"])
    assert watched(client) == []


@pytest.mark.parametrize(
    ("site", "policy", "says"),
    [
        ("required: true\n", None, "requires a policy and there is none"),
        ("required: true\n", "a: [", "is not YAML"),
        ("required: true\n", "schema_version: 9\n", "for a newer chaostoolkit-ext"),
        ("requird: true\n", ALLOWED, "cannot be understood"),
        ("required: true\npath: /nosuch/policy.yaml\n", ALLOWED, "cannot be read"),
    ],
)
def test_what_must_be_asked_and_cannot_be_closes_every_run(
    client: Client, chaos: Run, own_folders: Path, site: str, policy: str | None, says: str
) -> None:
    (own_folders / "site.yaml").write_text(site)
    if policy:
        (own_folders / "chaos-policy.yaml").write_text(policy)
    (own_folders / "before.sh").write_text("touch done\n")
    ran = guarded(chaos)
    assert ran.returncode == 1 and says in ran.stderr and "Traceback" not in ran.stderr
    assert not (own_folders / "done").exists() and watched(client) == []
    bare = chaos("run", "x.yaml")
    assert says in bare.stdout + bare.stderr and watched(client) == []


def test_the_sites_policy_wins_over_the_variable(
    client: Client, chaos: Run, own_folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own_folders / "strict.yaml").write_text(ALLOWED.replace("100", "10"))
    (own_folders / "lax.yaml").write_text(ALLOWED)
    (own_folders / "site.yaml").write_text(f"required: true\npath: {own_folders / 'strict.yaml'}\n")
    monkeypatch.setenv("CHAOS_POLICY", str(own_folders / "lax.yaml"))
    ran = guarded(chaos)
    assert ran.returncode == 1 and "allows at most 10" in ran.stderr


@pytest.fixture
def above(own_folders: Path, client: Client) -> Path:
    """The experiment moves to `deep/exps`, below the folder from which it is run."""
    folder = own_folders / "deep" / "exps"
    folder.mkdir(parents=True)
    (own_folders / "x.yaml").rename(folder / "x.yaml")
    return folder


REFUSED = "schema_version: 1\nrules:\n- {name: never, refuse: any, links: '*'}\n"


@pytest.mark.parametrize("place", [".", "..", "../.."])
def test_a_policy_beside_or_above_the_experiment_counts_wherever_one_stands(
    client: Client, chaos: Run, own_folders: Path, above: Path, place: str
) -> None:
    (above / place / "chaos-policy.yaml").write_text(REFUSED)
    (own_folders / "linked.yaml").symlink_to(above / "x.yaml")
    for source in ("deep/exps/x.yaml", "deep/../deep/exps/x.yaml", "linked.yaml"):
        planned = chaos("plan", source)
        assert planned.returncode == 1 and '"never": it refuses this always' in planned.stdout, source
        for control in (("--control-file", "control.yaml"), ()):
            ran = chaos("run", *control, source)
            assert '"never": it refuses this always' in ran.stdout + ran.stderr, (source, control)
            assert watched(client) == []


def test_of_several_policies_the_strictest_counts_and_the_plan_names_them_all(
    client: Client, chaos: Run, own_folders: Path, above: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (above / "chaos-policy.yaml").write_text(ALLOWED.replace("100", "50"))
    (own_folders / "named.yaml").write_text(ALLOWED.replace("name: the web", "name: named"))
    (own_folders / "chaos-policy.yaml").write_text(f"{ALLOWED}at_once: {{faults: 1}}\n")
    monkeypatch.setenv("CHAOS_POLICY", "named.yaml")
    paths = [own_folders / "named.yaml", own_folders / "chaos-policy.yaml", above / "chaos-policy.yaml"]
    planned = chaos("plan", "deep/exps/x.yaml")
    assert planned.returncode == 0 and all(str(path) in planned.stdout for path in paths), planned.stdout
    told = json.loads(chaos("plan", "deep/exps/x.yaml", "--json").stdout)["policy"]
    assert [told["path"], *(one["path"] for one in told["also"])] == [str(path) for path in paths]
    stronger = chaos("plan", "deep/exps/x.yaml", "--var", "much:int=60")
    assert stronger.returncode == 1 and "it allows at most 50" in stronger.stdout
    ran = chaos("run", "--control-file", "control.yaml", "deep/exps/x.yaml")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    events = {event["kind"]: event["data"] for event in seen(own_folders)}
    for of_record in (events["run.started"]["policy"], events["fault.applied"]["policy"]):
        assert len(of_record["also"]) == 2 and len(of_record["sha256"]) == 64
    (own_folders / "named.yaml").write_text(REFUSED)
    assert "it refuses this always" in chaos("plan", "deep/exps/x.yaml").stdout


def test_an_activity_that_goes_elsewhere_changes_no_policy(
    client: Client, chaos: Run, own_folders: Path, above: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own_folders / "lax").mkdir()
    (own_folders / "lax" / "chaos-policy.yaml").write_text(ALLOWED)
    text = (above / "x.yaml").read_text()
    away = "{type: python, module: os, func: chdir, arguments: {path: lax}}"
    (above / "x.yaml").write_text(text.replace('{type: process, path: sh, arguments: "before.sh"}', away))
    strict = ALLOWED.replace("100", "10")
    for folder in (own_folders, above):
        (folder / "chaos-policy.yaml").write_text(strict)
        for control in (("--control-file", "control.yaml"), ()):
            ran = chaos("run", *control, "deep/exps/x.yaml")
            assert "it allows at most 10" in ran.stdout + ran.stderr, (folder, control)
        (folder / "chaos-policy.yaml").unlink()
    (own_folders / "named.yaml").write_text(strict)
    monkeypatch.setenv("CHAOS_POLICY", "named.yaml")
    ran = chaos("run", "deep/exps/x.yaml")
    assert "it allows at most 10" in ran.stdout + ran.stderr


def test_an_approval_is_given_to_each_policy_that_asks_for_one(
    client: Client, chaos: Run, own_folders: Path, above: Path
) -> None:
    (above / "chaos-policy.yaml").write_text(APPROVAL)
    (own_folders / "chaos-policy.yaml").write_text(APPROVAL)
    assert "a second person must approve it" in chaos("plan", "deep/exps/x.yaml").stdout
    words = ("deep/exps/x.yaml", "--until", "2099-01-01", "--why", "seen")
    assert chaos("approve", *words).returncode == 0
    assert len([*above.glob("chaos-approvals/*")]) == len([*own_folders.glob("chaos-approvals/*")]) == 1
    (own_folders / "chaos-policy.yaml").write_text(ALLOWED)
    assert chaos("approve", *words).returncode == 0
    assert len([*above.glob("chaos-approvals/*")]) == 2 and len([*own_folders.glob("chaos-approvals/*")]) == 1


def test_an_approval_that_one_policy_cannot_take_is_given_to_none(
    client: Client, chaos: Run, own_folders: Path, above: Path
) -> None:
    (above / "chaos-policy.yaml").write_text(APPROVAL)
    (own_folders / "chaos-policy.yaml").write_text(APPROVAL)
    for taken, other in ((above, own_folders), (own_folders, above)):
        (taken / "chaos-approvals").write_text("a file, no folder")
        ran = chaos("approve", "deep/exps/x.yaml", "--until", "2099-01-01", "--why", "seen")
        assert ran.returncode != 0 and "so nothing is approved" in ran.stderr, ran.stderr
        assert not list(other.glob("chaos-approvals/*"))
        (taken / "chaos-approvals").unlink()
        shutil.rmtree(other / "chaos-approvals", ignore_errors=True)


def approve(chaos: Run, *words: str) -> subprocess.CompletedProcess[str]:
    return chaos("approve", "x.yaml", "--until", "2099-01-01", "--why", "seen", *words)


def by_another(chaos: Run, folder: Path, *words: str) -> None:
    """An approval by the account `nobody`, in a user namespace; where there are none, one of ours with that name."""
    uid = pwd.getpwnam("nobody").pw_uid
    become = ["unshare", "--user", f"--map-user={uid}", f"--map-group={uid}"]
    if subprocess.run([*become, "true"], capture_output=True, check=False).returncode == 0:
        ran = chaos("approve", "x.yaml", "--until", "2099-01-01", "--why", "seen", *words, become=become)
        assert ran.returncode == 0, ran.stderr
        return
    assert approve(chaos, *words).returncode == 0
    for file in (folder / "chaos-approvals").iterdir():
        file.write_text(file.read_text().replace(f"by: {pwd.getpwuid(os.geteuid()).pw_name}", "by: nobody"))


def test_a_second_person_is_needed_and_nothing_may_change_after(client: Client, chaos: Run, own_folders: Path) -> None:
    (own_folders / "chaos-policy.yaml").write_text(APPROVAL)
    ran = guarded(chaos)
    assert (
        ran.returncode == 1 and "a second person must approve it, and nobody has approved it as it is now" in ran.stderr
    )
    assert approve(chaos).returncode == 0
    assert "who also runs it; another person must" in guarded(chaos).stderr
    by_another(chaos, own_folders)
    ran = guarded(chaos)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    applied = next(event["data"] for event in seen(own_folders) if event["kind"] == "fault.applied")
    assert applied["policy"]["approved_by"] == "nobody"
    bare = chaos("run", "x.yaml")
    assert "known only in a run under our control" in bare.stdout + bare.stderr
    stronger = guarded(chaos, "--var", "much:int=41")
    assert stronger.returncode == 1 and "the faults have other values than when it was given" in stronger.stderr
    assert "on web-http: latency_ms 41 instead of 40" in stronger.stderr
    (own_folders / "x.yaml").write_text(EXPERIMENT.replace("A test.", "A test!"))
    changed = guarded(chaos)
    assert changed.returncode == 1 and "nobody has approved it as it is now" in changed.stderr
    assert watched(client) == []


def test_an_approval_ends(client: Client, chaos: Run, own_folders: Path) -> None:
    (own_folders / "chaos-policy.yaml").write_text(APPROVAL)
    by_another(chaos, own_folders, "--var", "much:int=40")
    assert guarded(chaos, "--var", "much:int=40").returncode == 0
    for file in (own_folders / "chaos-approvals").iterdir():
        file.write_text(file.read_text().replace("2099-01-01", "2026-01-01"))
    ran = guarded(chaos, "--var", "much:int=40")
    assert ran.returncode == 1 and "does not hold: it ended at 2026-01-01" in ran.stderr


def test_other_actions_may_be_refused(client: Client, chaos: Run, own_folders: Path) -> None:
    (own_folders / "chaos-policy.yaml").write_text(ALLOWED + "other_actions: refused\n")
    (own_folders / "before.sh").write_text("touch done\n")
    ran = guarded(chaos)
    assert ran.returncode == 1 and "actions that are not ours" in ran.stderr and not (own_folders / "done").exists()


def test_an_action_of_ours_that_changes_a_server_is_refused_too(client: Client, chaos: Run, own_folders: Path) -> None:
    (own_folders / "chaos-policy.yaml").write_text(ALLOWED + "other_actions: refused\n")
    post = "{type: python, module: probes.http, func: status, arguments: {method: '${verb}', url: '${url}'}}"
    text = EXPERIMENT.replace('{type: process, path: sh, arguments: "before.sh"}', post)
    values = "{verb: GET, much: 40, url: " + f"{client.url}/reset" + "}"
    (own_folders / "x.yaml").write_text(
        text.replace("{much: 40}", values)
        + "rollbacks: [{type: action, name: back, provider: {type: process, path: sh}}]\n"
    )
    client.add_toxic("web-http", "noop", name="mine")
    for verb in ("post", "POST", "DELETE"):
        ran = guarded(chaos, "--var", f"verb={verb}")
        assert ran.returncode == 1 and "change something besides our faults (before)" in ran.stderr, ran.stderr
        planned = chaos("plan", "x.yaml", "--var", f"verb={verb}")
        assert planned.returncode == 1 and "besides our faults (before), are refused" in planned.stdout
    assert watched(client) == ["mine"]
    planned = chaos("plan", "x.yaml")
    assert planned.returncode == 0 and "not of the rollback back" in planned.stdout, planned.stdout


BLACKOUT = """
from datetime import UTC, datetime, timedelta
begin = datetime.now(UTC) + timedelta(seconds=25)
head = "schema_version: 1\\nzone: UTC\\n"
soon = f"{head}blackouts: [{{from: '{begin:%Y-%m-%d %H:%M:%S}', to: '2099-01-01', why: sale}}]\\n"
open("chaos-policy.yaml", "w").write(soon + "rules: [{name: rest, allow: any, links: '*'}]\\n")
"""
GONE = """
import json, os, time, urllib.request
until = time.monotonic() + 120
while time.monotonic() < until:
    with urllib.request.urlopen(os.environ["TOXIPROXY_URL"] + "/proxies/web-http/toxics") as answer:
        if not any(one["type"] == "latency" for one in json.load(answer)):
            break
    time.sleep(0.1)
"""


def test_a_fault_without_a_duration_ends_when_the_next_blackout_begins_and_its_record_says_so(
    client: Client, chaos: Run, own_folders: Path
) -> None:
    (own_folders / "blackout.py").write_text(BLACKOUT)
    (own_folders / "gone.py").write_text(GONE)
    (own_folders / "before.sh").write_text(f"{sys.executable} blackout.py\n")
    wait = (
        f'  - {{type: action, name: wait, provider: {{type: process, path: "{sys.executable}", arguments: gone.py}}}}\n'
    )
    (own_folders / "x.yaml").write_text(EXPERIMENT.replace(", duration: 60s", "") + wait)
    (own_folders / "chaos-policy.yaml").write_text("schema_version: 1\nrules: [{name: rest, allow: any, links: '*'}]\n")
    ran = guarded(chaos)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    events = {event["kind"]: event["data"] for event in seen(own_folders)}
    assert events["fault.undone"]["reason"] == "deadline", events["fault.undone"]
    evidence = events["fault.measured"]
    assert evidence["duration_set_by"].endswith("when the blackout 'sale' begins") and 0 < evidence["duration_s"] < 25
    assert evidence["duration_set_by"] in events["fault.applied"]["says"]
    shown = chaos("journal", "show", evidence["run"])
    assert f"(confirmed by the server); {evidence['duration_set_by']}" in shown.stdout, shown.stdout + shown.stderr
    refused = guarded(chaos)
    assert refused.returncode == 1 and "no fault from" in refused.stderr and "(sale)" in refused.stderr


def test_plan_says_when_a_blackout_ends_a_fault_without_a_duration(
    client: Client, chaos: Run, own_folders: Path
) -> None:
    (own_folders / "x.yaml").write_text(EXPERIMENT.replace(", duration: 60s", ""))
    black = (
        "zone: UTC\nblackouts: [{from: 2098-01-01, to: 2098-01-02}, {from: 2097-05-01, to: 2097-05-01, why: sale}]\n"
    )
    (own_folders / "chaos-policy.yaml").write_text(
        f"schema_version: 1\n{black}rules: [{{name: rest, allow: any, links: '*'}}]\n"
    )
    planned = chaos("plan", "x.yaml")
    said = "until the run ends (it has no duration); ends by Wed 2097-05-01 00:00 UTC, when the blackout 'sale' begins"
    assert said in planned.stdout
    ends = json.loads(chaos("plan", "x.yaml", "--json").stdout)["faults"][0]["targets"][0]["policy"]["ends"]
    assert ends == "2097-05-01T00:00:00+00:00"
    (own_folders / "x.yaml").write_text(EXPERIMENT)
    assert "ends by" not in chaos("plan", "x.yaml").stdout


def test_faults_of_one_method_on_one_link_count_together_before_anything_runs(
    client: Client, chaos: Run, own_folders: Path
) -> None:
    (own_folders / "chaos-policy.yaml").write_text(ALLOWED)
    (own_folders / "before.sh").write_text("touch done\n")
    slow = EXPERIMENT[EXPERIMENT.index("  - {type: action, name: slow") :]
    again = "  - {type: action, name: wait, pauses: {after: 61}, provider: {type: process, path: 'true'}}\n"
    (own_folders / "x.yaml").write_text(EXPERIMENT + slow + slow)
    ran = guarded(chaos)
    says = "latency_ms is 120, with the jitter and what else is on the link by then, and it allows at most 100"
    assert ran.returncode == 1 and says in ran.stderr and ran.stderr.count("latency_ms is") == 1
    assert not (own_folders / "done").exists() and watched(client) == []
    planned = chaos("plan", "x.yaml", "--control-file", "control.yaml")
    assert planned.returncode == 1 and says in planned.stdout
    (own_folders / "x.yaml").write_text(EXPERIMENT + slow + again + slow)
    planned = chaos("plan", "x.yaml", "--control-file", "control.yaml")
    assert planned.returncode == 0, planned.stdout
    (own_folders / "x.yaml").write_text(EXPERIMENT + slow)
    assert guarded(chaos).returncode == 0
