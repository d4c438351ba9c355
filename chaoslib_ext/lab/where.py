"""Where the lab listens: for an experiment's `configuration`, so that it needs no environment variable.

configuration:
  shop:
    type: probe
    name: where the storefront listens
    provider: {type: python, module: chaoslib_ext.lab.where, func: url, arguments: {service: storefront}}
"""

from chaoslib_ext.errors import LabError, UnknownTarget, did_you_mean

from .layout import LINKS, SERVICES
from .ports import HOST
from .state import LabState, lab_dir, read

__all__ = ["cache", "database", "password", "url"]


def url(service: str = "storefront", direct: bool = False) -> str:
    """The base URL at which a service of the lab is reached, through its link or, `direct`, past it.

    Raises LabError when no lab is up.
    """
    links = {link.to: link.name for link in LINKS if link.to in {one.name for one in SERVICES}}
    if service not in links:
        raise UnknownTarget(f"no service {service!r} in the lab{did_you_mean(service, links)}")
    state = _up()
    return f"http://{HOST}:{state.processes[service].port}" if direct else f"http://{state.links[links[service]]}"


def database(link: str = "orders-postgres") -> str:
    """The URL of the shop's database through one of the links to it, without the password."""
    return f"postgresql://shop@{_through(link, 'postgres')}/shop"


def cache(link: str = "catalog-valkey") -> str:
    """The URL of the shop's cache through one of the links to it, without the password."""
    return f"valkey://{_through(link, 'valkey')}/0"


def password() -> str:
    """What this lab's database and cache want to hear: made for this lab alone, and of no worth beyond it."""
    return _up().secret


def _through(link: str, to: str) -> str:
    links = [one.name for one in LINKS if one.to == to]
    if link not in links:
        raise UnknownTarget(f"no link {link!r} to {to} in the lab{did_you_mean(link, links)}")
    return _up().links[link]


def _up() -> LabState:
    state = read(lab_dir())
    if state is None or state.phase != "up":
        raise LabError("no lab is up; bring it up with: chaos lab up")
    return state
