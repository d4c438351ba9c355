"""What a rule may know of this machine: variables, programs, installed modules. Handed in, for tests."""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .modules import Modules

__all__ = ["Here"]


@dataclass(frozen=True)
class Here:
    """This machine, and the folder of the experiment."""

    folder: Path = field(default_factory=Path)
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))  # a dict bears being asked any text
    program: Callable[[str], str | None] = shutil.which
    modules: Modules = field(default_factory=Modules)
