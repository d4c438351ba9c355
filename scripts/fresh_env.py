"""Make a fresh environment with what the present one has, except chaostoolkit-ext: `fresh_env.py FOLDER [WHEEL]`.

The packages are linked, not copied or fetched, so it takes a second and needs no network. With WHEEL, that wheel of
ours is installed as a user's pip would. For the packaging test and `scripts/bench cli`.
"""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

OURS = ("chaostoolkit_ext-", "_editable_impl_chaostoolkit_ext", "__editable__", "probes", "actions", "chaoslib_ext")


def fresh_env(folder: Path, wheel: Path | None = None) -> Path:
    """The new environment's Python; prints nothing."""
    venv.create(folder, symlinks=True, with_pip=False)
    python = folder / "bin" / "python"
    there = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not entry.name.startswith(OURS) and entry.name != "__pycache__":
            (there / entry.name).symlink_to(entry)
    chaos = folder / "bin" / "chaos"
    chaos.write_text(f"#!{python}\nimport sys\nfrom chaostoolkit.__main__ import cli\nsys.exit(cli())\n")
    chaos.chmod(0o755)
    if wheel:
        pip = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
        subprocess.run(pip, check=True)
    return python


if __name__ == "__main__":
    print(fresh_env(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None))
