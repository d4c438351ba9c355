"""A run without the control: faults by the actions alone, undone when the process ends. `python -m` this is a victim.

One fault ends by its duration, so that the watchdog has a deadline to keep.
"""

from chaoslib_ext.clock import SYSTEM

__all__ = ["main"]

_PATIENCE = 10.0


def main() -> None:
    """Put faults in, take some back, and end."""
    from actions import proxies, toxics, undo
    from probes.proxies import toxic_count

    toxics.add("web", "noop", duration="0.4s")
    proxies.down("orders")
    deadline = SYSTEM.monotonic() + _PATIENCE
    while toxic_count("web", "noop") > 1 and SYSTEM.monotonic() < deadline:  # the run holds `web` by one, too
        SYSTEM.sleep(0.02)
    undo.everything()
    toxics.add_latency("web", 20)
    proxies.down("orders")
    proxies.up()


if __name__ == "__main__":
    main()
