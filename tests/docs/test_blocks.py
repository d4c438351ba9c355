"""Every code block of README and docs does what the page says, in a copy of a fresh clone with a real lab up.

- A block with a file's name after the language (`yaml slow.yaml`) is saved under that name; an experiment must also
  pass `chaos validate`.
- `bash` blocks are run; the last command must succeed.
- In `console` blocks the lines after `$ ` are run; each must succeed unless it ends with `# exit code N`. The lines
  below must come in that order (others may come between); any number stands for any number, `...` for anything.
- `$ chaos proxy serve` is what a second terminal does: it must print its lines, and is stopped at the end of the page.
- A `yaml` block without a name is a job for continuous integration, whose commands are run, or a part of a policy or an
  experiment, which must be valid in one. A `json` block without a name must be JSON.
- `text` is for what is only looked at: drawings, output of another tool; never a command.
"""

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml
from sybil import Document, Region
from sybil.parsers.markdown.lexers import RawFencedCodeBlockLexer

from chaoslib_ext.safety.policy import Policy

ROOT = Path(__file__).parent.parent.parent
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")]
PAGES += [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "journal" / "README.md", ROOT / "tests" / "README.md"]

NOT_RUN = ("pip install ", "python3 -m pip download", "scripts/test", "scripts/demo")
"""Beginnings of commands that are not run."""

UNEXECUTED = [
    ("README.md", "scripts/demo"),
    ("README.md", "pip install"),
    ("docs/how-to/ci.md", "name: chaos"),
    ("docs/how-to/ci.md", "chaos:"),
    ("docs/how-to/offline.md", "python3 -m pip download"),
]
"""Each block with such a command: its page and its beginning. No more than five; docs/testing.md says why."""

PATIENCE = 90
"""Seconds for one block, and for a server to say that it is ready."""

LANGUAGES = {"bash", "console", "yaml", "json", "python", "text"}

pytestmark = pytest.mark.timeout(600)

_block = RawFencedCodeBlockLexer(re.compile(r"(?P<language>\w*)(?:[ ]+(?P<file>\S+))?[^\n]*\n"))


def blocks(text: str) -> list[Region]:
    """The fenced blocks of a page, in order; lexemes `language`, `file` and `source`."""
    return list(_block(Document(text, "page.md")))


@dataclass(frozen=True)
class Clone:
    """A folder like a fresh clone, and the environment of somebody who installed the package."""

    folder: Path
    env: dict[str, str]
    servers: list[subprocess.Popen[str]] = field(default_factory=list)

    def bash(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run it as a person would, stdout and stderr together; whatever hangs is ended after PATIENCE."""
        command = ["bash", "-c", script]
        started = self.start(command, subprocess.PIPE)
        try:
            printed, _ = started.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(started.pid, signal.SIGKILL)
            printed, _ = started.communicate()
            printed += f"\n(still running after {PATIENCE} s)"
        return subprocess.CompletedProcess(command, started.returncode, printed, "")

    def start(self, command: list[str], output: Any) -> subprocess.Popen[str]:
        """A process in a session of its own."""
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.env,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def second_terminal(self, command: str, expected: list[str]) -> None:
        """Start a server, wait until it has said what the page says."""
        said = self.folder / f"terminal-{len(self.servers)}.log"
        with said.open("w") as output:
            self.servers.append(self.start(shlex.split(command), output))
        deadline = time.monotonic() + PATIENCE
        while absent := missing(expected, said.read_text()):
            assert self.servers[-1].poll() is None and time.monotonic() < deadline, f"{absent}\n{said.read_text()}"
            time.sleep(0.05)

    def stop(self) -> None:
        """Ctrl-C in every second terminal; what a page that failed did not come to end itself, ended by its pid."""
        for server in self.servers:
            server.send_signal(signal.SIGINT)
            assert server.wait(PATIENCE) in (0, 130)
        for noted in self.folder.glob("*.pid"):
            with contextlib.suppress(psutil.NoSuchProcess):
                process = psutil.Process(int(noted.read_text()))
                if Path(process.cwd()) == self.folder:  # the number may be another's by now
                    process.terminate()

    def save(self, name: str, text: str) -> None:
        """Write a file of a page; an experiment is validated."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        read = {".yaml": yaml.safe_load, ".json": json.loads}.get(file.suffix, lambda text: None)(text)
        if isinstance(read, dict) and "method" in read:
            named = re.findall(r"type: env\W+key: (\w+)|key: (\w+)\W+type: env", text)  # the host asks for each of them
            given = " ".join(f"{one or other}=given" for one, other in named)
            done = self.bash(f"PYTHONPATH=. {given} chaos validate {name}")
            assert done.returncode == 0, done.stdout


def is_run(command: str) -> bool:
    return not command.removeprefix("$ ").lstrip("./").startswith(NOT_RUN)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    """One home and one lab for all pages."""
    folder = tmp_path_factory.mktemp("home")
    tools = folder / "bin"
    tools.mkdir()
    chaos = tools / "chaos"  # without the host's question to its makers' server on every command
    start = "import sys\nsys.argv[0] = 'chaos'\nsys.argv.insert(1, '--no-version-check')\n"
    chaos.write_text(f"#!{sys.executable}\n{start}from chaostoolkit.__main__ import cli\nsys.exit(cli())\n")
    chaos.chmod(0o755)
    env = {
        "HOME": str(folder),
        "PATH": os.pathsep.join([str(tools), str(Path(sys.executable).parent), os.environ["PATH"]]),
        "NO_COLOR": "1",
        "COLUMNS": "140",
        "CHAOS_STATE_DIR": str(folder / "state"),
    }
    yield Clone(folder, env)
    Clone(folder, env).bash("chaos lab purge")


@pytest.fixture
def clone(home: Clone, tmp_path: Path) -> Iterator[Clone]:
    """A fresh clone for one page; the lab is up and nothing is on its links."""
    folder = tmp_path / "clone"
    shutil.copytree(ROOT / "experiments", folder / "experiments")
    (folder / "journal").mkdir()
    (folder / "journal" / ".chaos-journal").touch()
    (folder / "scripts").symlink_to(ROOT / "scripts")
    shutil.rmtree(home.folder / ".chaostoolkit", ignore_errors=True)
    page = Clone(folder, home.env)
    ready = page.bash("chaos --no-log-file lab up && chaos --no-log-file lab reset")
    assert ready.returncode == 0, ready.stdout
    yield page
    page.stop()


def commands_of(source: str) -> list[tuple[str, list[str]]]:
    """The commands of a console block, each with the lines it should print."""
    found: list[tuple[str, list[str]]] = []
    for line in source.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found and found[-1][0].endswith("\\"):
            found[-1] = (f"{found[-1][0]}\n{line}", [])
        elif found and line.strip():
            found[-1][1].append(line)
    return found


def shape(line: str) -> re.Pattern[str]:
    """A line of a page as a pattern: numbers and ids stand for any, runs of space for any, `...` for anything."""
    number, bar = r"\b[0-9a-f]*\d[0-9a-f]*(?:[.,]\d+)*", "[█▌▏▎▍▋▊▉░]+"
    out = ""
    for part in re.split(rf"(\.\.\.|{number}|{bar}|\d+|\s+)", line.strip()):
        if part == "...":
            out += ".*"
        elif part.isspace():
            out += r"\s+"
        elif re.fullmatch(bar, part):
            out += r"[█▌▏▎▍▋▊▉░ ]+"
        elif re.search(r"\d", part):
            out += r"[0-9a-f][0-9a-f.,]*"
        else:
            out += re.escape(part)
    return re.compile(out + r"\s*$")


def missing(expected: list[str], printed: str) -> str | None:
    """The first expected line that does not come, in order."""
    lines = iter(printed.splitlines())
    for wanted in expected:
        if wanted.strip() != "..." and not any(shape(wanted).match(line.strip()) for line in lines):
            return wanted
    return None


def run_console(clone: Clone, source: str) -> None:
    """All commands in one shell; each one's output and exit code held against the page."""
    commands = [(command, expected) for command, expected in commands_of(source) if is_run(command)]
    if any(command.startswith("chaos proxy serve") for command, _ in commands):
        assert len(commands) == 1, "a server needs a terminal, and so a block, of its own"
        return clone.second_terminal(*commands[0])
    mark = "=-=-= exit code"
    done = clone.bash("\n".join(f'{command}\necho "{mark} $?"' for command, _ in commands))
    pieces = re.split(rf"{mark} (\d+)\n?", done.stdout)
    for (command, expected), printed, code in zip(commands, pieces[0::2], pieces[1::2], strict=False):
        told = re.search(r"# exit code (\d+)", command)
        assert int(code) == (int(told[1]) if told else 0), f"$ {command}\n{printed}(exit code {code})"
        absent = missing(expected, printed)
        assert absent is None, f"$ {command}\nprinted no line like\n{absent}\nbut\n{printed}"
    assert len(pieces) == 2 * len(commands) + 1, done.stdout


def run_bash(clone: Clone, source: str) -> None:
    """The lines that may be run, as one script."""
    lines = "\n".join(line for line in source.splitlines() if is_run(line))
    done = clone.bash(f"set -e\n{lines}")
    assert done.returncode == 0, f"{source}\n{done.stdout}"


def steps_of(read: dict[str, Any]) -> list[str]:
    """The commands of a job, as GitHub or GitLab writes it, with its environment; none of anything else."""
    lines: list[str] = []
    for job in (read.get("jobs") or read).values():
        if isinstance(job, dict) and ("steps" in job or "script" in job):
            lines += [f"export {name}={value}" for name, value in (job.get("env") or job.get("variables")).items()]
            lines += [step["run"] for step in job.get("steps", ()) if "run" in step]
            lines += [*job.get("script", ()), *job.get("after_script", ())]
    return lines


def run_yaml(clone: Clone, source: str) -> None:
    """A job is run; a part of an experiment is laid over a whole one, which must then be valid."""
    read = yaml.safe_load(source)
    if steps := steps_of(read):
        return run_bash(clone, "\n".join(steps))
    if set(read) <= set(Policy.model_fields):
        rule = {"name": "a rule", "allow": "latency", "links": "*"}
        Policy.model_validate({"schema_version": 1, "rules": [rule], **read})
        return
    whole = yaml.safe_load(next(iter(sorted((ROOT / "experiments").glob("*.yaml")))).read_text())
    assert set(read) <= {*whole, "secrets"}, f"neither a job nor a part of an experiment:\n{source}"
    clone.save("part.yaml", yaml.safe_dump({**whole, **read}))


def run(clone: Clone, region: Region) -> None:
    language, file, source = (region.lexemes[name] for name in ("language", "file", "source"))
    assert language in LANGUAGES, f"a block of an unknown language: {language or 'none'}\n{source}"
    if file:
        clone.save(file, source)
    elif language == "console":
        run_console(clone, source)
    elif language == "bash":
        run_bash(clone, source)
    elif language == "python":
        done = subprocess.run([sys.executable, "-c", source], cwd=clone.folder, env=clone.env, check=False)
        assert done.returncode == 0, source
    elif language == "yaml":
        run_yaml(clone, source)
    elif language == "json":
        assert json.loads(source)
    else:
        assert language == "text", f"{language} without a file's name:\n{source}"


def pages_with_blocks() -> list[Path]:
    return [p for p in PAGES if any(region.lexemes["language"] != "text" for region in blocks(p.read_text()))]


@pytest.mark.parametrize("page", pages_with_blocks(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_block_does_what_the_page_says(page: Path, request: pytest.FixtureRequest) -> None:
    if "chaos link add" in page.read_text():
        request.getfixturevalue("link_ports")
    clone = request.getfixturevalue("clone")
    for region in blocks(page.read_text()):
        run(clone, region)


def commands_in(region: Region) -> list[str]:
    language, file, source = (region.lexemes[name] for name in ("language", "file", "source"))
    if language == "console":
        return [command for command, _ in commands_of(source)]
    if language == "yaml" and not file:
        return steps_of(yaml.safe_load(source))
    return source.splitlines() if language == "bash" else []


def test_what_is_not_run_is_at_most_five_blocks_listed_with_their_reasons() -> None:
    found = [
        (page.relative_to(ROOT).as_posix(), region.lexemes["source"])
        for page in PAGES
        for region in blocks(page.read_text())
        if not all(map(is_run, commands_in(region)))
    ]
    assert len(found) == len(UNEXECUTED) <= 5
    for (page, source), (name, begin) in zip(found, UNEXECUTED, strict=True):
        assert page == name and source.startswith(begin), source
    told = (ROOT / "docs" / "testing.md").read_text().split("## What of the pages is not run\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| \[[^\]]+\]\(([^)]+)\)[^|]*\| [^|]+ \| [^|]+ \|$", told, re.MULTILINE)
    listed = [(ROOT / "docs" / row).resolve().relative_to(ROOT).as_posix() for row in rows]
    assert sorted(listed) == sorted(name for name, _ in UNEXECUTED)


def test_no_command_hides_in_what_is_only_looked_at() -> None:
    """(The reference of commands is their own --help, written by a script.)"""
    command = re.compile(r"\s*(\$ |(chaos|pip|python3?|scripts/\w+|curl|docker|export) [^|]*$)")
    for page in PAGES:
        for region in blocks(page.read_text()) if page.name != "commands.md" else []:
            if region.lexemes["language"] == "text":
                hidden = [line for line in region.lexemes["source"].splitlines() if command.match(line)]
                assert not hidden, f"{page.name}: {hidden}"


def test_a_page_that_lies_is_found(clone: Clone) -> None:
    run_console(clone, "$ echo 3 apples\n5 apples\n$ false  # exit code 1\n")
    for lie in ("$ echo 3 apples\n3 pears\n", "$ false\n", "$ true  # exit code 1\n", "$ printf 'b\\na\\n'\na\nb\n"):
        with pytest.raises(AssertionError):
            run_console(clone, lie)
