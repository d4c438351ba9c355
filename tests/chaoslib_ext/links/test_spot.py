"""What comes in the place of a host and its port."""

from chaoslib_ext.links.spot import Spot


def test_each_form_takes_what_it_holds_of_where_a_link_listens() -> None:
    forms = ["{host}:{port}", "{host}", "{port}", "{host},{port}", "{host} port={port}"]
    put = [Spot("X", 0, "db", form).put("127.0.0.1:26001") for form in forms]
    assert put == ["127.0.0.1:26001", "127.0.0.1", "26001", "127.0.0.1,26001", "127.0.0.1 port=26001"]
    assert Spot("X", 0, "db").put("[::1]:26001") == "[::1]:26001"
