"""Nothing obvious leaks; nothing harmless is hidden."""

import base64
import html
import json
import re
import urllib.parse
from typing import Any

import pytest

from chaoslib_ext.record.redact import HIDDEN, Redactor

IN_A_URL = "!#$&'()*+,/:;=?@[]~"
"""What `requests` leaves as it is."""


@pytest.fixture
def redactor() -> Redactor:
    redactor = Redactor()
    redactor.learn({"group": {"login": "s3cr3t-value", "pin": 123456, "short": "ab"}, "raw": b"bytes-too"})
    return redactor


def test_known_values_are_hidden_wherever_they_stand(redactor: Redactor) -> None:
    found = str(redactor.hidden({"output": ["x s3cr3t-value y", {"s3cr3t-value": "bytes-too"}], "n": "pin 123456"}))
    assert "s3cr3t" not in found and "bytes-too" not in found and "123456" not in found


def test_a_short_value_is_hidden_only_where_it_stands_alone(redactor: Redactor) -> None:
    assert redactor.hidden({"a": "ab", "b": "about cabs"}) == {"a": HIDDEN, "b": "about cabs"}


@pytest.mark.parametrize(
    "key",
    ["password", "db_password", "PGPASSWORD", "api_key", "apiKey", "X-Api-Key", "Authorization", "token", "Set-Cookie"],
)
def test_telling_keys_hide_their_texts(key: str) -> None:
    assert Redactor().hidden({key: "something"}) == {key: HIDDEN}


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("postgres://me:pw@db:5432/x", f"postgres://me:{HIDDEN}@db:5432/x"),
        ("redis://:pw@host", f"redis://:{HIDDEN}@host"),
        ("curl -H 'Authorization: Bearer abc.def'", f"curl -H 'Authorization: Bearer {HIDDEN}'"),
        (r"'Accept: */*\nAuthorization: Bearer abc.def\nX: y'", rf"'Accept: */*\nAuthorization: Bearer {HIDDEN} y'"),
        ("https://x/?q=1&access_token=abc&z=2", f"https://x/?q=1&access_token={HIDDEN}&z=2"),
        ("mysql --password=abc -h db", f"mysql --password={HIDDEN} -h db"),
    ],
)
def test_secrets_inside_texts_are_hidden(text: str, hidden: str) -> None:
    assert Redactor().text(text) == hidden


@pytest.mark.timeout(120)  # it takes a second; where the time grows with the square of the length, hours
@pytest.mark.parametrize("word", ["Zm9v-YmFy_", "a+", "a.b", "pass-", "authorization:", "a://u:"])
def test_an_endless_word_does_not_keep_the_run_waiting(word: str) -> None:
    endless = word * (1_000_000 // len(word))
    assert Redactor().text(f"{endless} token=abc").endswith(f" token={HIDDEN}")


@pytest.mark.parametrize(
    "value",
    [
        {"secrets": ["group"]},
        {"secrets": {"group": {"login": {"type": "env", "key": "LOGIN"}}}},
        {"password": "${db_password}"},
        {"max_tokens": 5, "url": "http://127.0.0.1:8474/proxies"},
        {"email": "me@example.com", "time": "03:10:41"},
    ],
)
def test_references_and_harmless_things_stay(value: Any) -> None:
    assert Redactor().hidden(value) == value


def test_what_dynamic_configuration_copies_into_the_experiment_is_hidden() -> None:
    copied = {"configuration": {"x": {"type": "probe", "provider": {"secrets": {"group": {"login": "resolved"}}}}}}
    assert "resolved" not in str(Redactor().hidden(copied))


def test_a_number_among_the_secrets_is_hidden() -> None:
    experiment = {"secrets": {"group": {"pin": 123456, "more": [1.5], "on": True}}, "token_count": 3}
    hidden = {"secrets": {"group": {"pin": HIDDEN, "more": [HIDDEN], "on": True}}, "token_count": 3}
    assert Redactor().hidden(experiment) == hidden


@pytest.mark.parametrize(
    "secret", ['quo"ted\\secret', "two\nlines of it", "with space/&=%", "grüße-an-alle", "plain-one"]
)
def test_a_known_value_is_hidden_in_whatever_form_it_stands(secret: str) -> None:
    redactor = Redactor()
    redactor.learn({"mine": secret})
    forms = [
        secret,
        repr({"said": secret}),
        json.dumps({"said": secret}),
        json.dumps({"said": secret}, ensure_ascii=False),
        f"http://127.0.0.1/?q={urllib.parse.quote(secret, safe='')}&r={urllib.parse.quote_plus(secret)}",
        re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), urllib.parse.quote(secret, safe="")),
        repr({"body": json.dumps({"url": f"http://h/?q={urllib.parse.quote(secret, safe=IN_A_URL)}"})}),
        f"<p>{html.escape(secret)}</p>",
        base64.b64encode(secret.encode()).decode(),
    ]
    for form in forms:
        hidden = redactor.text(form)
        assert HIDDEN in hidden and not any(one in hidden for one in (secret, secret[:6])), form


@pytest.mark.parametrize("raw", [b"p\xe4sswort", b"p\x80sswort\xff"])
def test_a_value_that_is_no_utf_8_is_hidden_however_it_is_read(raw: bytes) -> None:
    """As `os.environ` gives it, as a program wrote it and the host took it, and as it stands in a URL."""
    secret = raw.decode("utf-8", "surrogateescape")
    redactor = Redactor()
    redactor.learn({"pw": secret})
    texts = [
        secret,
        repr(secret)[1:-1],
        raw.decode("latin-1"),
        raw.decode("cp1252", "replace"),
        raw.decode("utf-8", "replace"),
    ]
    texts += [urllib.parse.quote(raw), base64.b64encode(raw).decode()]
    assert {redactor.text(f"a {text} b") for text in texts} == {f"a {HIDDEN} b"}


def test_half_a_character_is_hidden_as_well() -> None:
    redactor = Redactor()
    redactor.learn({"pw": "half \ud800 of it"})
    assert redactor.text("a half \ud800 of it b") == f"a {HIDDEN} b"


@pytest.mark.parametrize("around", ["{}", "user:{}", "me:{}", "a:{}", "{}\n", "user:{}, and more"])
@pytest.mark.parametrize("secret", ["hunter2", "??>>~~\u00ff\u00ff", "a+b/c=d", "pinx"])
def test_a_known_value_is_hidden_in_base64_alone_and_inside_of_something_longer(secret: str, around: str) -> None:
    redactor = Redactor()
    redactor.learn({"mine": secret})
    said = around.format(secret).encode()
    for encoded in (base64.b64encode(said), base64.urlsafe_b64encode(said)):
        for form in (encoded.decode(), encoded.decode().rstrip("=")):
            left = redactor.text(f"Basic {form}")
            assert HIDDEN in left and len(left) <= len("Basic ") + len(form) + len(HIDDEN) - 4, left


def test_each_line_of_a_key_is_hidden_but_no_short_one() -> None:
    redactor = Redactor()
    redactor.learn("-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEF\nshort\n")
    assert (
        redactor.text("  MIIEvQIBADANBgkqhkiG9w0BAQEF") == f"  {HIDDEN}"
        and redactor.text("a short word") == "a short word"
    )


def test_what_configuration_has_under_telling_names_is_hidden_anywhere() -> None:
    redactor = Redactor()
    redactor.learn_telling({"api_token": "abcdef-1", "host": "storefront", "secret_count": 12345, "x": None})
    redactor.learn_telling(None)
    assert redactor.text("abcdef-1 on storefront, 12345") == f"{HIDDEN} on storefront, 12345"
