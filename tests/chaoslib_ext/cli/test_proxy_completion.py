"""What the shell offers for `chaos proxy`."""

import subprocess
from collections.abc import Callable

from chaoslib_ext.proxy.client import Client

NOWHERE = "127.0.0.1:9"
Ran = subprocess.CompletedProcess[str]


def test_the_shell_is_offered_names_and_types(chaos: Callable[..., Ran], embedded: str) -> None:
    Client(embedded).create("checkout", NOWHERE, toxics=[{"type": "noop", "name": "mine"}])

    def offered(line: str, **more: str) -> list[str]:
        words = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1), "_CHAOS_COMPLETE": "bash_complete"}
        told = chaos(**{"TOXIPROXY_URL": embedded, **words, **more})
        assert told.stderr == ""
        return [one.partition(",")[2] for one in told.stdout.splitlines() if one]

    assert offered("chaos proxy show che") == ["checkout"]
    assert offered("chaos proxy toxic add checkout -t sl") == ["slicer", "slow_close"]
    assert offered("chaos proxy toxic remove checkout -n m") == ["mine"]
    assert offered("chaos proxy show che", TOXIPROXY_URL="127.0.0.1:1") == []
