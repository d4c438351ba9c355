import pytest

from chaoslib_ext.blackbox.cache import Cache, decoded
from chaoslib_ext.errors import BadInput


def test_a_cache_in_words_holds_no_password() -> None:
    cache = Cache("valkeys://me:secret@cache:6380/2", "secret")
    assert str(cache) == "valkeys://cache:6380/2" and "secret" not in repr(cache)
    assert str(Cache("redis://cache")) == "redis://cache:6379"


@pytest.mark.parametrize("url", ["memcached://a", "valkey:///0", "valkey://a:99999", "valkey://a/b/c"])
def test_what_is_no_cache_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(BadInput, match="none of a cache") as caught:
        Cache(f"{url}?secret")
    assert "?secret" not in str(caught.value)


def test_bytes_become_text_whatever_they_are() -> None:
    assert (decoded(b"gr\xc3\xbc\xc3\x9f"), decoded(b"\xff"), decoded(3)) == ("grüß", "\ufffd", "3")
