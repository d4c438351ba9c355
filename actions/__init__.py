"""What an experiment may do. A folder `actions/` of your own on the path opens onto this one."""

from pkgutil import extend_path

from chaoslib_ext import discover

__all__ = ["discover"]
__path__ = extend_path(__path__, __name__)
