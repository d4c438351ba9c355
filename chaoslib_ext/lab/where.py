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
from .state import lab_dir, read

__all__ = ["url"]


def url(service: str = "storefront", direct: bool = False) -> str:
    """The base URL at which a service of the lab is reached, through its link or, `direct`, past it.

    Raises LabError when no lab is up.
    """
    links = {link.to: link.name for link in LINKS if link.to in {one.name for one in SERVICES}}
    if service not in links:
        raise UnknownTarget(f"no service {service!r} in the lab{did_you_mean(service, links)}")
    state = read(lab_dir())
    if state is None or state.phase != "up":
        raise LabError("no lab is up; bring it up with: chaos lab up")
    return f"http://{HOST}:{state.processes[service].port}" if direct else f"http://{state.links[links[service]]}"
