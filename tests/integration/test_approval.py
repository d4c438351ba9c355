"""What a second person approved through real `chaos run`s: the faults that were seen go in, and no others."""

import json
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from chaoslib_ext.proxy.client import Client
from chaoslib_ext.proxy.serve import start_detached
from chaoslib_ext.testing.upstream import Upstream, http

pytestmark = [pytest.mark.joins("cli", "control", "faults", "lint", "plan", "safety"), pytest.mark.timeout(900)]
"""Many runs a test: on a machine that is busy with other work they take minutes."""

Run = Callable[..., subprocess.CompletedProcess[str]]
POLICY = "schema_version: 1\nrules:\n- {name: second, allow: any, links: '*', approval: required}\n"
CONTROL = {"name": "record", "provider": {"type": "python", "module": "chaoslib_ext.control"}}
SAID = {"type": "process", "path": "sh", "arguments": ["-c", 'printf %s "$SAID"']}


@pytest.fixture
def client(embedded: str, monkeypatch: pytest.MonkeyPatch, own_folders: Path) -> Iterator[Client]:
    monkeypatch.setenv("TOXIPROXY_URL", embedded)
    monkeypatch.setenv("HOME", str(own_folders))
    monkeypatch.setenv("PYTHONPATH", str(own_folders))
    (own_folders / "chaos-policy.yaml").write_text(POLICY)
    with ExitStack() as stack:
        found = Client(embedded)
        for name in ("cache-a", "orders-db"):
            found.create(name, stack.enter_context(Upstream(http)).address)
        yield found


@pytest.fixture
def chaos(own_folders: Path) -> Run:
    def run(*words: str, become: tuple[str, ...] = (), **more: str) -> subprocess.CompletedProcess[str]:
        command = [*become, str(Path(sys.executable).with_name("chaos")), "--no-version-check", "--no-log-file", *words]
        environment = {**os.environ, **more}
        return subprocess.run(
            command, cwd=own_folders, env=environment, capture_output=True, text=True, timeout=300, check=False
        )

    return run


def experiment(folder: Path, *method: dict[str, Any], **more: Any) -> None:
    told = {"title": "Does it hold?", "description": "A test.", "controls": [CONTROL], "method": list(method), **more}
    (folder / "x.json").write_text(json.dumps(told))


def slow(proxy: str = "cache-a", latency_ms: Any = 10, **more: Any) -> dict[str, Any]:
    arguments = {"proxy": proxy, "latency_ms": latency_ms, "duration": "60s", **more}
    provider = {"type": "python", "module": "actions.toxics", "func": "add_latency", "arguments": arguments}
    return {"type": "action", "name": "slow", "provider": provider}


def approve(chaos: Run, folder: Path, *words: str, **more: str) -> dict[str, Any]:
    """By the account `nobody`, in a user namespace; where there are none, one of ours with that name."""
    uid = pwd.getpwnam("nobody").pw_uid
    become = ("unshare", "--user", f"--map-user={uid}", f"--map-group={uid}")
    is_possible = subprocess.run([*become, "true"], capture_output=True, check=False).returncode == 0
    order = ("approve", "x.json", "--until", "2099-01-01", "--why", "seen", "--json", *words)
    ran = chaos(*order, become=become if is_possible else (), **more)
    assert ran.returncode == 0, ran.stderr
    told: dict[str, Any] = json.loads(ran.stdout)
    if not is_possible:
        file = Path(told["file"])
        file.write_text(file.read_text().replace(f"by: {pwd.getpwuid(os.geteuid()).pw_name}", "by: nobody"))
    return told


def goes_in(chaos: Run, *words: str, **more: str) -> None:
    ran = chaos("run", *words, "x.json", **more)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def is_refused(chaos: Run, says: str, *words: str, by: str = "run", **more: str) -> None:
    ran = chaos(by, *words, "x.json", **more)
    told = " ".join((ran.stdout + ran.stderr).split())
    assert ran.returncode == 1 and says in told, told


def test_an_approval_for_one_server_holds_on_no_other(client: Client, chaos: Run, own_folders: Path) -> None:
    experiment(own_folders, slow())
    approve(chaos, own_folders)
    goes_in(chaos, TOXIPROXY_URL=client.url.replace("127.0.0.1", "localhost"))
    other = start_detached(log=own_folders / "other.log")
    try:
        Client(other.url).create("cache-a", client.proxy("cache-a").upstream)
        is_refused(chaos, f"on cache-a: server {other.url} instead of {client.url}", TOXIPROXY_URL=other.url)
    finally:
        os.kill(other.pid, signal.SIGTERM)


def test_a_glob_that_has_grown_meets_a_link_that_was_not_approved_and_a_smaller_one_was_seen(
    client: Client, chaos: Run, own_folders: Path
) -> None:
    experiment(own_folders, slow("cache-*"))
    client.create("cache-b", client.proxy("orders-db").upstream)
    told = approve(chaos, own_folders)
    assert [one["link"] for one in told["approval"]["faults"]] == ["cache-a", "cache-b"]
    client.create("cache-of-orders", client.proxy("orders-db").upstream)
    for command in ("run", "plan"):
        is_refused(chaos, "link cache-of-orders was not in what was approved (cache-a, cache-b)", by=command)
    for gone in ("cache-of-orders", "cache-b"):
        client.delete(gone)
    goes_in(chaos)
    elsewhere = client.proxy("orders-db").upstream
    client.delete("cache-a")
    client.create("cache-a", elsewhere)
    is_refused(chaos, f"on cache-a: it leads to {elsewhere} instead of")


def test_a_value_that_reaches_a_fault_is_bound_wherever_it_comes_from_and_another_is_named(
    client: Client, chaos: Run, own_folders: Path
) -> None:
    probe = {"type": "probe", "name": "said", "provider": SAID}
    experiment(own_folders, slow("${where}", "${much}"), configuration={"where": probe, "much": 10})
    (own_folders / "vars.yaml").write_text("configuration: {much: 900}\n")
    told = approve(chaos, own_folders, SAID="cache-a")
    assert [one["link"] for one in told["approval"]["faults"]] == ["cache-a"], "the probe was asked"
    goes_in(chaos, SAID="cache-a")
    goes_in(chaos, "--var", "where=cache-a", SAID="orders-db")
    on_orders = "link orders-db was not in what was approved (cache-a)"
    ran = chaos("run", "x.json", SAID="orders-db")
    assert ran.returncode == 1 and on_orders in ran.stderr
    is_refused(chaos, on_orders, "--var", "where=orders-db", SAID="cache-a")
    for words in (("--var", "much:int=900"), ("--var-file", "vars.yaml")):
        is_refused(chaos, "on cache-a: latency_ms 900 instead of 10", "--var", "where=cache-a", *words, by="plan")


def test_a_secret_that_reaches_a_fault_is_bound_by_a_keyed_hash_and_one_that_reaches_none_may_change(
    client: Client, chaos: Run, own_folders: Path
) -> None:
    secrets = {"a": {"much": {"type": "env", "key": "MUCH"}, "token": {"type": "env", "key": "TOKEN"}}}
    asks = {"type": "process", "path": "true", "arguments": ["${token}"]}
    experiment(
        own_folders,
        slow(latency_ms="${much}"),
        {"type": "action", "name": "before", "secrets": ["a"], "provider": {**asks, "secrets": ["a"]}},
        secrets=secrets,
    )
    (own_folders / "x.json").write_text((own_folders / "x.json").read_text().replace(
        '"name": "slow", "provider": {', '"name": "slow", "provider": {"secrets": ["a"], '
    ))  # fmt: skip
    told = approve(chaos, own_folders, MUCH="42", TOKEN="old")
    assert set(told["approval"]["faults"][0]["settings"]["latency_ms"]) == {"hmac_sha256"}
    assert "42" not in yaml.safe_load(Path(told["file"]).read_text())["faults"][0].values()
    goes_in(chaos, MUCH="42", TOKEN="new")
    is_refused(chaos, "latency_ms is another value, which comes from a secret", MUCH="43", TOKEN="old")


def test_local_code_is_bound_with_what_it_imports_and_the_scripts_of_processes(
    client: Client, chaos: Run, own_folders: Path
) -> None:
    (own_folders / "shopx.py").write_text("from shop_numbers import many\ndef add(): return many\n")
    (own_folders / "shop_numbers.py").write_text("many = 42\n")
    (own_folders / "before.sh").write_text("true\n")
    probe = {"type": "probe", "name": "size", "provider": {"type": "python", "module": "shopx", "func": "add"}}
    before = {"type": "action", "name": "b", "provider": {"type": "process", "path": "sh", "arguments": "before.sh"}}
    experiment(own_folders, before, slow(latency_ms="${size}"), configuration={"size": probe})
    approve(chaos, own_folders)
    goes_in(chaos)
    (own_folders / "before.sh").write_text("true # another\n")
    is_refused(chaos, "script before.sh was changed", "--var", "size:int=42", by="plan")
    (own_folders / "before.sh").write_text("true\n")
    is_refused(chaos, "on cache-a: latency_ms 499 instead of 42", "--var", "size:int=499")
    (own_folders / "shop_numbers.py").write_text("many = 42  # and another\n")
    is_refused(chaos, "module shop_numbers was changed", "--var", "size:int=42")


OWN = """
import os
from chaoslib_ext.faults.inject import inject
from chaoslib_ext.faults.toxic import Toxic

def slowly():
    return inject(Toxic.of(proxy="cache-a", type="latency", attributes={"latency_ms": int(os.environ["LATE"])},
        duration="60s")).as_json()
"""


def test_the_door_asks_again_with_what_really_goes_in(client: Client, chaos: Run, own_folders: Path) -> None:
    (own_folders / "mine.py").write_text(OWN)
    own = {"type": "action", "name": "own", "provider": {"type": "python", "module": "mine", "func": "slowly"}}
    experiment(own_folders, own, slow())
    told = approve(chaos, own_folders)
    assert told["not_seen"] == ["own (mine.slowly)"] and "module mine" in told["approval"]["code"]
    goes_in(chaos, LATE="10")
    ran = chaos("run", "x.json", LATE="11")
    (failed,) = (
        one for one in json.loads((own_folders / "journal.json").read_text())["run"] if one["status"] == "failed"
    )
    assert ran.returncode == 1 and "on cache-a: latency_ms 11 instead of 10" in "".join(failed["exception"])


def test_how_often_a_link_flaps_is_bound(client: Client, chaos: Run, own_folders: Path) -> None:
    arguments = {"proxy": "cache-a", "down_for": "100ms", "up_for": "${up}", "times": "${times}"}
    provider = {"type": "python", "module": "actions.proxies", "func": "flap", "arguments": arguments}
    flap = {"type": "action", "name": "flap", "provider": provider}
    experiment(own_folders, flap, configuration={"times": 2, "up": "100ms"})
    approve(chaos, own_folders)
    goes_in(chaos)
    is_refused(chaos, "on cache-a: times 3 instead of 2", "--var", "times:int=3")
    is_refused(chaos, "on cache-a: up_for_s 0.05 instead of 0.1", "--var", "up=50ms", by="plan")


def test_what_is_not_known_is_not_approved(client: Client, chaos: Run, own_folders: Path) -> None:
    probe = {"type": "probe", "name": "n", "provider": {"type": "process", "path": "no-such-program"}}
    env = {"type": "env", "key": "NO_SUCH_VARIABLE"}
    for where, says in (
        (probe, "it needs ${where} (n does not answer"),
        (env, "NO_SUCH_VARIABLE is not set"),
        ("nosuch-*", "no proxy matches"),
    ):
        experiment(own_folders, slow("${where}"), configuration={"where": where})
        ran = chaos("approve", "x.json", "--until", "2099-01-01", "--why", "seen")
        assert ran.returncode == 1 and says in ran.stderr and "nothing is approved" in ran.stderr, ran.stderr
        assert "Traceback" not in ran.stderr and not (own_folders / "chaos-approvals").exists()
