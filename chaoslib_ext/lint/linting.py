"""One file, or a text, through all the rules: every finding at once, sorted by where it stands."""

from dataclasses import replace
from pathlib import Path as FilePath

from .finding import Finding, Hit
from .here import Here
from .policy import is_policy, lint_policy
from .reading import read, read_text
from .rules import checks
from .tree import Place, Tree

__all__ = ["lint", "lint_text"]

_START = Place(1, 1)


def lint(file: FilePath, here: Here | None = None, *, called: str | None = None) -> list[Finding]:
    """All that is wrong with that experiment or policy; `called` is its name in the findings."""
    if is_policy(file):
        return lint_policy(file)
    tree, hits = read(file)
    return _findings(tree, hits, called or str(file), replace(here or Here(), folder=file.parent))


def lint_text(raw: bytes, suffix: str, here: Here | None = None, *, called: str = "text") -> list[Finding]:
    """The same for bytes that are already here; `suffix` is .yaml or .json."""
    tree, hits = read_text(raw, suffix)
    return _findings(tree, hits, called, here or Here())


def _findings(tree: Tree | None, hits: list[Hit], file: str, here: Here) -> list[Finding]:
    if tree is not None:
        hits = [*hits, *(hit for check in checks() for hit in check(tree.data, here))]
    found = [_finding(tree, hit, file) for hit in hits]
    return sorted(found, key=lambda one: (one.place, one.hit.rule.id, one.hit.says))


def _finding(tree: Tree | None, hit: Hit, file: str) -> Finding:
    """With both the place and the path, whichever of them the rule knew."""
    if tree is None or hit.place is None:
        return Finding(file, hit.place or (tree.place(hit.path) if tree else _START), hit)
    return Finding(file, hit.place, replace(hit, path=hit.path or tree.path_at(hit.place)))
