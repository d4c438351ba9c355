"""The rules, one concern a file. A file here has `RULES`, and `check(data, here)` that yields what it found.

A rule that is not in its file's `RULES` is in no reference; a file is found by being here.
"""

from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from chaoslib_ext.lint import limits, policy, syntax, yaml_words
from chaoslib_ext.lint.finding import Hit, Rule
from chaoslib_ext.lint.here import Here

__all__ = ["Check", "checks", "rules"]

Check = Callable[[dict[Any, Any], Here], Iterator[Hit]]


def checks() -> list[Check]:
    """Every check, in the order of their files' names."""
    return [module.check for module in _modules()]


def rules() -> list[Rule]:
    """Every rule there is, sorted by its id; those about a file as such and about policies too."""
    found = [*syntax.RULES, *limits.RULES, *yaml_words.RULES, *policy.RULES]
    return sorted([*found, *(rule for module in _modules() for rule in module.RULES)], key=lambda rule: rule.id)


@cache
def _modules() -> tuple[Any, ...]:
    names = sorted(found.name for found in iter_modules([str(Path(__file__).parent)]))
    return tuple(import_module(f"{__name__}.{name}") for name in names)
