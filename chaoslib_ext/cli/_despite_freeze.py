"""What adds or disables by hand is refused under a freeze; `--despite-freeze` insists, and is noted."""

from typing import TYPE_CHECKING

import click

from ._say import say

if TYPE_CHECKING:
    from chaoslib_ext.proxy.client import Client

__all__ = ["despite_freeze_option", "refuse_if_frozen"]

despite_freeze_option = click.option(
    "--despite-freeze",
    "insists",
    is_flag=True,
    help="Do it under `chaos freeze` too; who did what and when is noted, and shown by `chaos live` and `chaos thaw`.",
)


def refuse_if_frozen(what: str, insists: bool, client: "Client | None", server: str = "") -> None:
    """Return if nothing is frozen, or if the person insists and that is noted. Raises ExtError.

    `what` says in words what would be done on the server of `client`; None: on one that is not up yet, `server`.
    """
    from chaoslib_ext.errors import GuardRefused
    from chaoslib_ext.faults import frozen
    from chaoslib_ext.safety import despite_freeze
    from chaoslib_ext.undo.owner import person

    why = frozen.by_hand(client)
    if why is None:
        return
    where = client.url if client else server
    if not insists:
        raise GuardRefused(
            f"{what} on {where} is refused: {why}. Nothing was touched; to do it all the same, which is noted: "
            "--despite-freeze"
        )
    done = despite_freeze.note(what, server=where, by=person(), freeze=why)
    say(f"Despite the freeze, and noted: {done.says}", err=True)
