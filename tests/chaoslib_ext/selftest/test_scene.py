"""Whatever differs from before is seen: what is ours and left, and what was somebody else's and is not as it was."""

from chaoslib_ext.selftest.scene import Scene


def test_as_it_was_it_is_clean(at: Scene) -> None:
    assert at.wrong() == [] and at.is_clean()


def test_each_difference_is_a_sentence_and_build_mends_all(at: Scene) -> None:
    client = at.server.client
    client.add_toxic("web", "noop", name="cx-1-noop")
    client.remove_toxic("web", "someone-elses")
    client.update("orders", enabled=False)
    client.update("closed", enabled=True)
    client.create("another", "127.0.0.1:1")
    assert not at.is_clean()
    assert at.wrong() == [
        "proxy another is new",
        "proxy closed is enabled, and somebody had disabled it",
        "proxy orders is still down",
        "toxic cx-1-noop is still on web",
        "toxic someone-elses of somebody else is gone from web",
    ]
    at.build()
    assert at.wrong() == []


def test_a_change_of_somebody_elses_toxic_is_seen(at: Scene) -> None:
    at.server.client.update_toxic("web", "someone-elses", attributes={"latency": 2})
    assert at.wrong() == ["toxic someone-elses of somebody else was changed on web"]
    at.build()


def test_after_a_restart_it_looks_as_before(at: Scene) -> None:
    before = at.looks()
    at.restart()
    assert at.looks() == before == at.before


def test_on_a_server_that_is_gone_nothing_is_left(at: Scene) -> None:
    at.server.kill()
    assert at.is_clean()
    at.restart()
