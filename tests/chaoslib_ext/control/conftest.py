"""The real `chaos run` in a child process, with activities that do what a test asks."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.record.read import events
from chaoslib_ext.record.story import Story, read

ACTIVITIES = """
import os, time
from pathlib import Path

def note(path, says="here"):
    with open(path, "a") as file:
        file.write(says + "\\n")
    return says

def nap(path, seconds=30):
    note(path)
    time.sleep(seconds)
    return "slept"

def hold_on(path, until):
    note(path)
    while not Path(until).exists():
        try:
            time.sleep(0.1)
        except BaseException:
            pass

def value(of):
    return of

def from_file(path):
    return Path(path).read_text().strip()

def leak_by_error(secrets=None):
    raise ValueError("the login is " + secrets["login"])

def number_or_none(path):
    return int(Path(path).read_text()) if Path(path).exists() else None

def remove(path):
    Path(path).unlink()

def hang_if(path):
    if Path(path).exists():
        time.sleep(60)
    return True

def fail(why="no luck"):
    raise ValueError(why)

def odd():
    return {"set": {1, 2}, "bytes": b"\\x00", "nan": float("nan"), "object": object(), 3: "three", "lone": "\\ud800"}

def leave(code):
    raise SystemExit(code)

def close_everything():
    os.closerange(3, 1024)

def no_more_files():
    import resource
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))

def no_streams():
    import sys
    sys.stdout = sys.stderr = None

def die():
    os.kill(os.getpid(), 9)

def leak(secrets=None):
    return {"said": "the login is " + secrets["login"]}
"""


def activity(func: str, name: str = "", type: str = "action", **arguments: Any) -> dict[str, Any]:
    provider = {"type": "python", "module": "acts", "func": func, "arguments": arguments}
    return {"type": type, "name": name or func, "provider": provider}


def probe(func: str, tolerance: Any, name: str = "", **arguments: Any) -> dict[str, Any]:
    return {**activity(func, name, "probe", **arguments), "tolerance": tolerance}


@dataclass
class Done:
    """A run that has ended."""

    code: int
    out: str
    err: str
    place: Path

    @property
    def folder(self) -> Path:
        (found,) = (self.place / "journal/runs").iterdir()
        return found

    @property
    def story(self) -> Story:
        return read(self.folder)

    @property
    def kinds(self) -> list[str]:
        return [event["kind"] for event in events(self.folder)]

    @property
    def journal(self) -> dict[str, Any]:
        """The host's own file, read as strictly as other languages do."""
        return strict((self.place / "journal.json").read_text())

    @property
    def kept(self) -> dict[str, Any]:
        """The record's journal."""
        return strict((self.folder / "journal.json").read_text())


def strict(text: str) -> Any:
    def no(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    return json.loads(text, parse_constant=no)


@dataclass
class Chaos:
    """One experiment in one folder."""

    place: Path
    env: dict[str, str]
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    def experiment(
        self,
        method: list[dict[str, Any]],
        *,
        probes: list[dict[str, Any]] | None = None,
        rollbacks: list[dict[str, Any]] | None = None,
        **more: Any,
    ) -> Path:
        written: dict[str, Any] = {"title": "Does it hold?", "description": "A test.", "method": method, **more}
        if probes is not None:
            written["steady-state-hypothesis"] = {"title": "All is well", "probes": probes}
        written["rollbacks"] = rollbacks or []
        # what these tests break stays broken: nobody needs to wait half a minute for it to come back
        written.setdefault("extensions", [{"name": "chaostoolkit-ext", "recovery": {"at_most": "200ms"}}])
        path = self.place / "experiment.json"
        path.write_text(json.dumps(written, indent=1))
        return path

    def start(self, experiment: Path, *options: str, how: str = "file") -> subprocess.Popen[str]:
        before = ["--settings", str(self._settings(how))]
        if how == "file":
            options = ("--control-file", str(self._control_file()), *options)
        command = [sys.executable, "-m", "chaostoolkit", "--no-version-check", *before, "run", *options]
        child = subprocess.Popen(
            [*command, str(experiment)],
            cwd=self.place,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.running.append(child)
        return child

    def end(self, child: subprocess.Popen[str], within: float = 30) -> Done:
        out, err = child.communicate(timeout=within)
        return Done(child.returncode, out, err, self.place)

    def run(self, experiment: Path, *options: str, how: str = "file") -> Done:
        return self.end(self.start(experiment, *options, how=how))

    def _control_file(self) -> Path:
        path = self.place / "control.json"
        path.write_text(json.dumps({"ours": {"provider": {"type": "python", "module": "chaoslib_ext.control"}}}))
        return path

    def _settings(self, how: str) -> Path:
        path = self.place / "settings.yaml"
        if how == "settings":
            path.write_text("controls:\n  ours:\n    provider: {type: python, module: chaoslib_ext.control}\n")
        return path


@pytest.fixture
def chaos(own_folders: Path) -> Iterator[Chaos]:
    (own_folders / "acts.py").write_text(ACTIVITIES)
    env = {**os.environ, "PYTHONPATH": str(own_folders), "NO_COLOR": "1", "HOME": str(own_folders)}
    found = Chaos(own_folders, env)
    yield found
    for child in found.running:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.communicate()


@pytest.fixture
def until() -> Callable[..., None]:
    """Wait for something to become true; fail with a name for it when it does not in time."""

    def wait(true: Callable[[], bool], what: str, within: float = 15) -> None:
        deadline = time.monotonic() + within
        while not true():
            assert time.monotonic() < deadline, f"{what}: not within {within} s"
            time.sleep(0.02)

    return wait


@pytest.fixture
def make() -> Any:
    """`make.activity(func, ...)` and `make.probe(func, tolerance, ...)`."""

    class Make:
        activity = staticmethod(activity)
        probe = staticmethod(probe)

    return Make
