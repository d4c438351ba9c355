"""Everything of this run, out again."""

from actions import proxies, toxics, undo
from chaoslib_ext.proxy.client import Client


def test_everything_is_everything_of_ours_last_in_first_out(client: Client) -> None:
    client.add_toxic("web", "noop", name="someone-elses")
    toxics.add_latency("web", 30)
    proxies.down("web")
    told = undo.everything()
    assert [(one["id"], one["status"]) for one in told["undone"]] == [(3, "undone"), (2, "undone")]
    assert client.proxy("web").enabled and [one.name for one in client.toxics("web")] == ["someone-elses"]
    assert undo.everything()["undone"] == []
    assert toxics.add_latency("web", 30)["run"] == told["run"], "the run goes on"
