"""Who runs what, where and with which versions: what a record says about a run before it begins."""

import getpass
import hashlib
import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from chaoslib_ext.faults.identity import experiment_sha256
from chaoslib_ext.undo.owner import Owner

__all__ = ["click_context", "facts", "source_of"]

_DISTRIBUTIONS = ("chaostoolkit", "chaostoolkit-lib", "chaostoolkit-ext", "toxiproxy-python", "chaostoolkit-kubernetes")


def facts(experiment: dict[str, Any], source: str | None) -> dict[str, Any]:
    """Plain data: who, host, process, versions, the experiment's source and hashes, how it is run."""
    owner = Owner.this()
    return {
        "who": _user(),
        "host": platform.node(),
        "pid": owner.pid,
        "create_time": owner.create_time,
        "boot_id": owner.boot_id,
        "versions": _versions(),
        "source": source,
        "source_sha256": _file_hash(source),
        "experiment_sha256": experiment_sha256(experiment),
        "options": _options(),
    }


def source_of(loaded: str | None) -> str | None:
    """The experiment's file or URL: as the loader said it, else as the command line has it."""
    named = loaded or (click_context() or {}).get("source")
    if named and os.path.exists(named):
        return str(Path(named).absolute())
    return named


def click_context() -> dict[str, Any] | None:
    """The options of the `chaos run` around us; None when the host is embedded in something else."""
    import click

    context = click.get_current_context(silent=True)
    return dict(context.params) if context and "journal_path" in context.params else None


def secret_vars() -> dict[str, Any]:
    """Groups of secrets that a `--var-file` gives, in place of what the experiment says."""
    from chaoslib import merge_vars

    return merge_vars({}, list((click_context() or {}).get("var_file") or []))[1] or {}


def _options() -> dict[str, Any]:
    kept = ("dry", "rollback_strategy", "hypothesis_strategy", "hypothesis_frequency", "fail_fast", "journal_path")
    return {name: value for name, value in (click_context() or {}).items() if name in kept}


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no entry in the password file, as in many containers
        return f"uid {os.getuid()}"


def _versions() -> dict[str, str]:
    found = {"python": sys.version.split()[0]}
    for name in _DISTRIBUTIONS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _file_hash(source: str | None) -> str | None:
    try:
        return hashlib.sha256(Path(source).read_bytes()).hexdigest() if source else None
    except (OSError, ValueError):
        return None
