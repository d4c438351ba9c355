"""Pages of docs/scenarios: what and why from the experiment, what was really seen from the records of its runs."""

import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "scenarios"
CHAOS = [str(Path(sys.executable).with_name("chaos")), "--no-version-check", "--no-log-file"]
KINDS = {"database": "failure", "cache": "failure", "internal": "edge", "external": "failure of an outside service"}


def chaos(env: dict[str, str], *words: str) -> str:
    """One command, its standard output."""
    command = [*CHAOS, *words]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=180, check=False).stdout


def ours(experiment: dict[str, Any]) -> dict[str, Any]:
    """Our extension of it."""
    return next(one for one in experiment["extensions"] if one["name"] == "chaostoolkit-ext")


def seen(env: dict[str, str], file: Path) -> tuple[str, str]:
    """Verdict of a run, and its lines."""
    told = chaos(env, "run", "--journal-path", env["HOME"] + "/journal.json", str(file.relative_to(ROOT)))
    (last, *_) = json.loads(chaos(env, "journal", "list", "-n", "1", "--json"))
    lines = [line.rstrip() for line in told.splitlines() if line.startswith((" baseline", " fault", " after", "    "))]
    return str(last["verdict"]), "\n".join(line for line in lines if "journal" not in line)


def page(env: dict[str, str], file: Path, day: str) -> tuple[str, str]:
    """The page of one experiment, and its row in the table."""
    experiment = yaml.safe_load(file.read_text())
    mine = ours(experiment)
    cure = mine.get("next", {}).get("deviated", "").removeprefix("chaos lab harden ").split(" ")[0]
    chaos(env, "lab", "reset")
    verdict, lines = seen(env, file)
    text = f"# {experiment['title']}\n\n{experiment['description'].strip()}\n\n"
    text += f"To run it: `chaos run experiments/{file.name}`\n\n"
    text += f"**What is expected.** {experiment['steady-state-hypothesis']['title']}.\n\n"
    text += f"**What was seen** on {day}, the shop as shipped: {verdict.upper()}.\n\n```text\n{lines}\n```\n\n"
    if cure:
        chaos(env, "lab", "harden", cure)
        hardened, lines = seen(env, file)
        text += f"After `chaos lab harden {cure}`: {hardened.upper()}.\n\n```text\n{lines}\n```\n\n"
        verdict += f", then {hardened}"
    text += f"**What it taught.** {mine['says']['deviated' if cure else 'held']}"
    text += f" Once mended: {mine['says']['held'][0].lower()}{mine['says']['held'][1:]}\n" if cure else "\n"
    text += "\n[All scenarios](README.md)\n"
    row = mine["row"]
    kind = KINDS.get(row["link"], "failures at once")
    return text, (
        f"| {row['fault']} | {row['link']} | {row['expects']} | [{experiment['title']}]({file.stem}.md) "
        f"| {verdict} | {kind} |"
    )


HEAD = """# Scenarios

Written by `scripts/scenarios` from the experiments and the records of their runs; do not edit.

Each experiment asks one question of the lab's shop, and none shares its row of *fault, link, expectation*. As shipped
the shop holds some and not others; what deviates names its cure, and holds with it. Each page says what was seen.

The normal case is the first half of every run: the baseline, taken before anything is broken. The quick profile is what
each experiment says by itself, with at most 20 s of fault; for more questions and up to two minutes:

```bash
chaos run --var-file experiments/profiles/full.yaml experiments/does-the-storefront-answer-when-the-cache-is-gone.yaml
```

| fault | link | what is expected | question | seen | case |
|---|---|---|---|---|---|
"""


def main() -> int:
    """Write every page."""
    FOLDER.mkdir(exist_ok=True)
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    with tempfile.TemporaryDirectory() as home:
        folders = {"CHAOS_STATE_DIR": f"{home}/state", "CHAOS_JOURNAL_DIR": f"{home}/journal"}
        env = {**os.environ, **folders, "HOME": home, "NO_COLOR": "1", "COLUMNS": "160"}
        chaos(env, "lab", "up")
        try:
            rows = []
            for file in sorted((ROOT / "experiments").glob("*.yaml")):
                text, row = page(env, file, day)
                (FOLDER / f"{file.stem}.md").write_text(text)
                rows.append(row)
                print(row)
        finally:
            chaos(env, "lab", "down")
    (FOLDER / "README.md").write_text(HEAD + "\n".join(sorted(rows)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
