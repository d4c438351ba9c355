"""What an experiment may ask. A folder `probes/` of your own on the path opens onto this one."""

from pkgutil import extend_path

from chaoslib_ext import discover

__all__ = ["discover"]
__path__ = extend_path(__path__, __name__)
