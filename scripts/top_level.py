"""Build hook: the wheel, also an editable one, names its top-level packages, the engine first.

`chaos discover` imports the first top-level name of a distribution. Hatchling writes no `top_level.txt`; then the
host guesses from the list of files: any of the three in random order, or, of an editable wheel, hatchling's own loader.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class TopLevelHook(BuildHookInterface):
    """Puts `top_level.txt` into the wheel's metadata folder."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the three packages; `version` is "standard" or "editable"."""
        self.folder = TemporaryDirectory()  # removed when the hook goes
        file = Path(self.folder.name) / "top_level.txt"
        file.write_text("chaoslib_ext\nactions\nprobes\n")
        folder = f"{self.build_config.builder.artifact_project_id}.dist-info"
        build_data["force_include"][str(file)] = f"{folder}/top_level.txt"
