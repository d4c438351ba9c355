"""The listener knows every event of the host, and is there once."""

import inspect

from chaoslib.run import EventHandlerRegistry, RunEventHandler

from chaoslib_ext.control import configure_control
from chaoslib_ext.control.listener import Listener, current, listen


def test_it_is_registered_once_per_run() -> None:
    registry = EventHandlerRegistry()
    configure_control(event_registry=registry)
    configure_control(event_registry=registry)
    assert [type(handler) for handler in registry.handlers] == [Listener]
    assert listen(registry) is current() is registry.handlers[0]
    second = EventHandlerRegistry()
    assert listen(second) is not registry.handlers[0], "a second run in one process has a listener of its own"


def test_no_event_of_the_host_goes_unheard() -> None:
    """`started` fires before a control exists; a cooldown is no part of an experiment's run."""
    heard = {name for name, _ in inspect.getmembers(Listener, inspect.isfunction) if not name.startswith("_")}
    fired = {name for name, _ in inspect.getmembers(RunEventHandler, inspect.isfunction) if not name.startswith("_")}
    own = {name for name in fired if getattr(Listener, name) is not getattr(RunEventHandler, name)}
    assert fired - own == {"started", "start_cooldown", "cooldown_completed"}
    assert heard >= fired


def test_it_takes_the_arguments_the_host_gives() -> None:
    """A wrong name of a parameter is swallowed by the host, and the event is lost."""
    for name, function in inspect.getmembers(RunEventHandler, inspect.isfunction):
        assert list(inspect.signature(getattr(Listener, name)).parameters) == list(
            inspect.signature(function).parameters
        ), name
