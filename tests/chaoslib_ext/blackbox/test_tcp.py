import errno
import socket

import pytest

from chaoslib_ext.blackbox import tcp
from chaoslib_ext.errors import NoAnswer


@pytest.mark.parametrize(
    ("number", "is_absent"),
    [(errno.ECONNREFUSED, True), (errno.EHOSTUNREACH, True), (errno.ENETUNREACH, False), (errno.EMFILE, False)],
)
def test_what_is_our_own_trouble_says_nothing_of_the_other_side(
    monkeypatch: pytest.MonkeyPatch, number: int, is_absent: bool
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, "as told")

    monkeypatch.setattr(socket, "create_connection", fail)
    with pytest.raises(NoAnswer, match=r"127\.0\.0\.1:1: as told") as caught:
        tcp.dial("127.0.0.1", 1, 5)
    assert isinstance(caught.value, tcp.NotThere) is is_absent


def test_a_name_with_several_addresses_is_tried_at_each_within_one_limit() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        connection, spent = tcp.dial("localhost", port, 5)  # ::1 first, perhaps, where nobody listens
        connection.close()
        assert 0 < spent < 5
