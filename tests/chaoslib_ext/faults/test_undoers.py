"""The closed list of what may be undone."""

from chaoslib_ext.faults import undoers


def test_every_operation_can_be_undone_and_read_back() -> None:
    known = undoers.load()
    assert {driver: set(operations) for driver, operations in known.items()} == {
        "proxy": {
            "remove_toxic",
            "enable_proxy",
            "delete_proxy",
            "release",
            "remove_named_toxic",
            "restore_proxy",
        },
        "host": {"play_rollbacks"},
    }
    for undoer in (one for operations in known.values() for one in operations.values()):
        assert callable(undoer.undo) and callable(undoer.verify)
