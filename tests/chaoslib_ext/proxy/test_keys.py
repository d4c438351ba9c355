"""The keys of a file of proxies."""

import pytest

from chaoslib_ext.errors import BadAttribute
from chaoslib_ext.proxy.keys import plain, plain_toxic


def test_a_proxy_is_spelt_as_the_api_does_and_listens_on_this_machine() -> None:
    assert plain({"Name": "a", "Logger": {}, "listen": None}) == {"name": "a", "listen": "127.0.0.1:0"}


def test_attributes_of_a_type_that_only_the_server_knows_are_left_to_it() -> None:
    theirs = {"type": "custom", "attributes": {"Any": 1}}
    assert plain_toxic(theirs) == theirs
    with pytest.raises(BadAttribute, match="toxic latency has no attribute latncy; did you mean latency"):
        plain_toxic({"Type": "latency", "attributes": {"latncy": 1}})
