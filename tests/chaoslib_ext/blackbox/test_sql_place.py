import pytest

from chaoslib_ext.blackbox.sql_place import place
from chaoslib_ext.errors import BadInput


def test_places_in_words_hold_no_user_and_no_password() -> None:
    assert str(place("postgres://me:secret@db:6543/shop?sslmode=require")) == "postgresql://db:6543/shop"
    assert str(place("postgresql://db/shop", "secret")) == "postgresql://db:5432/shop"
    assert str(place("sqlite:////tmp/a.db")) == "sqlite:////tmp/a.db"
    assert "secret" not in repr(place("postgresql://db/shop", "secret"))


@pytest.mark.parametrize("url", ["oracle://a/b", "sqlite://", "postgresql", "postgresql://a:b/c", "://"])
def test_what_is_not_asked_is_refused(url: str) -> None:
    with pytest.raises(BadInput, match=r"postgresql://"):
        place(url)
