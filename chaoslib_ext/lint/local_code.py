"""The local code that an experiment calls, each file by its hash: Python modules that no installed package brings, what
they import of the same kind, and scripts of processes. Nothing of it runs for this.

What a module opens or imports by a name that it computes is not seen, nor is what a script calls.
"""

import ast
import hashlib
import os
import shlex
import shutil
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .modules import Module, Modules, absolute

__all__ = ["local_code"]

_OURS = [Path(__file__).parents[2] / name for name in ("chaoslib_ext", "probes", "actions")]
_OF_THE_SYSTEM = [Path(folder) for folder in ("/usr", "/bin", "/sbin", "/lib", "/lib64")]
_INSTALLED = [Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
_PACKAGES = {"site-packages", "dist-packages"}
_SCRIPTS = (".sh", ".bash", ".zsh", ".py", ".pl", ".rb", ".js", ".mjs", ".ts", ".php", ".lua")
_INTERPRETERS = ("sh", "bash", "dash", "zsh", "ksh", "python", "perl", "ruby", "node", "php", "lua")
_IMPORTERS = ("import_module", "__import__")


def local_code(experiment: Mapping[str, Any], configuration: Mapping[str, Any]) -> dict[str, str]:
    """SHA-256, hex, of each local file that its providers lead to, by `module NAME` or `script PATH`."""
    modules, found = Modules(), dict[str, str]()
    for provider in _providers(experiment):
        if provider.get("type") == "process":
            files = {f"script {name}": file for name, file in _scripts(provider, configuration)}
        else:
            files = {f"module {one.name}": one.file for one in _local(str(provider.get("module") or ""), modules)}
        for name, file in files.items():
            found[name] = _sha256(file)
    return dict(sorted(found.items()))


def _providers(part: Any) -> Iterator[Mapping[str, Any]]:
    """Wherever they stand: in activities, controls, configuration, tolerances, our own extension."""
    waiting = [part]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            provider = one.get("provider")
            if isinstance(provider, Mapping):
                yield provider
            waiting += one.values()
        elif isinstance(one, list | tuple):
            waiting += one


def _local(name: str, modules: Modules) -> Iterator[Module]:
    """That module, the packages around it, and all local ones that they import."""
    waiting, seen = [name], set[str]()
    while waiting:
        one = waiting.pop()
        if one in seen or not one:
            continue
        seen.add(one)
        waiting.append(one.rpartition(".")[0])
        module = modules.find(one)
        if isinstance(module, Module) and not _is_installed(module.file):
            yield module
            waiting += _imports(module)


def _imports(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = absolute(module, node)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in _IMPORTERS:
                yield str(node.args[0].value)


def _is_installed(file: Path) -> bool:
    where = file.resolve()
    if _PACKAGES & set(where.parts) or any(where.is_relative_to(one) for one in _OURS):
        return True
    return any(where.is_relative_to(one.resolve()) for one in _INSTALLED)


def _scripts(provider: Mapping[str, Any], configuration: Mapping[str, Any]) -> Iterator[tuple[str, Path]]:
    """The program, and those of its arguments that are scripts."""
    words = _words(provider, configuration)
    may_be_any = os.path.basename(words[0]).rstrip("0123456789.") in _INTERPRETERS if words else False
    for index, word in enumerate(words):
        file = _file(word, is_program=index == 0)
        if file is None:
            continue
        if may_be_any or index == 0 or word.endswith(_SCRIPTS) or _begins(file, b"#!"):
            yield word, file
        may_be_any = may_be_any and index == 0


def _words(provider: Mapping[str, Any], configuration: Mapping[str, Any]) -> list[str]:
    from chaoslib import substitute

    path, given = (substitute(provider.get(name), configuration, {}) for name in ("path", "arguments"))
    if isinstance(given, Mapping):
        given = [word for pair in given.items() for word in pair]
    if isinstance(given, str):
        try:
            given = shlex.split(given)
        except ValueError:  # a quote that does not end: the host's matter
            given = given.split()
    return [str(word) for word in [path or "", *(given if isinstance(given, list) else [])]]


def _file(word: str, *, is_program: bool) -> Path | None:
    """The local file that a word names, as a process here would find it."""
    try:
        named = shutil.which(word) if is_program else word
        file = Path(named or word)
        is_local = file.is_file() and not any(file.resolve().is_relative_to(one) for one in _OF_THE_SYSTEM)
    except (OSError, ValueError):  # a word that no file can be called
        return None
    is_python = is_local and file.resolve() == Path(sys.executable).resolve()
    return file if is_local and not is_python and not _begins(file, b"\x7fELF") else None


def _begins(file: Path, with_: bytes) -> bool:
    try:
        with file.open("rb") as opened:
            return opened.read(len(with_)) == with_
    except OSError:
        return False


def _sha256(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        return f"unreadable ({error.strerror})"
