"""The shop's test data, one folder a version: customers, products, carts, orders, and records that must be refused."""

from importlib.resources import files
from pathlib import Path

from chaoslib_ext.errors import BadInput

__all__ = ["VERSION", "folder"]

VERSION = 1
"""The newest version; an older one is kept as it was."""


def folder(version: int = VERSION) -> Path:
    """Where that version lies. Raises BadInput for one there is not."""
    found = Path(str(files(__package__))) / f"v{version}"
    if not found.is_dir():
        raise BadInput(f"no test data of version {version}; there is 1 to {VERSION}. A newer release may have it")
    return found
