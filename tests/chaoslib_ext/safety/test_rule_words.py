"""Words that can match nowhere are refused when the policy is read, with their line and what to write."""

from pathlib import Path
from unicodedata import normalize

import pytest

from chaoslib_ext.errors import BadFile
from chaoslib_ext.safety.policy_file import parsed
from chaoslib_ext.safety.rule_words import composed, tag_or_service


def read(key: str, word: str) -> tuple[str, ...]:
    words = {"name": "x", "links": "'*'", key: word}
    rule = "".join(f"    {name}: {value}\n" for name, value in words.items())
    policy, _ = parsed(f"schema_version: 1\nrules:\n  - allow: any\n{rule}", Path("p.yaml"))
    return getattr(policy.rules[0], key)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("word", "cure"),
    [
        ("tags:cache", "did you mean tag:cache?"),
        ("Tag:cache", "did you mean tag:cache?"),
        ("TAG:cache", "did you mean tag:cache?"),
        ("tag=cache", "did you mean tag:cache?"),
        ("tag :cache", "did you mean tag:cache?"),
        ('"tag\\uff1acache"', "did you mean tag:cache?"),
        ("label:cache", "did you mean tag:cache?"),
        ("Service:pay", "did you mean service:pay?"),
        ("services:pay", "did you mean service:pay?"),
        ("svc:pay", "did you mean service:pay?"),
        ("servcie:pay", "did you mean service:pay?"),
        ("link:cache-a", "by its name alone: cache-a"),
        ("proxy:cache-a", "by its name alone: cache-a"),
        ("[tag: cache]", "without a blank behind the colon: tag:cache"),
        ("{tag: cache}", "without a blank behind the colon: tag:cache"),
        ("'tag: cache'", "such as tag:cache"),
        ("'tag:'", "names no tag"),
        ("'tag:cache*'", "by its whole name"),
        ("'cache-a '", "begins or ends with a blank"),
        ("' tag:cache'", "begins or ends with a blank"),
        ('"cache\\u200b"', "cannot be seen"),
        ('"a\\eb"', "cannot be seen"),
        ('"tag:cache\\xa0"', "cannot be seen"),
        ("cache-a, cache-b", r"several as a list: \[cache-a, cache-b\]"),
        ("[5]", "put it in quotes: '5'"),
        ("true", "put it in quotes: 'true'"),
        ("[[cache-a]]", "take out its brackets"),
        ("''", "names nothing"),
        ("[]", "names nothing"),
    ],
)
def test_a_word_that_can_mean_no_link_is_refused(word: str, cure: str) -> None:
    with pytest.raises(BadFile, match=rf"line 5: rules\.0\.links.*{cure}"):
        read("links", word)


@pytest.mark.parametrize("word", ["cache-a", "db:primary", "stage:db", "'db[a]'", "checkout-*", "'a b'", "tag:db[a]"])
def test_what_can_be_the_name_of_a_link_is_taken(word: str) -> None:
    assert read("links", word) == (word.strip("'"),)


@pytest.mark.parametrize(
    "word",
    ["http//x", "ftp://x", "http://x:99999", "http://x:8474/path", "'http://x:8474 '", "localhost", "[8474]", "''"],
)
def test_a_word_that_can_mean_no_server_is_refused(word: str) -> None:
    with pytest.raises(BadFile, match=r"line 6: rules\.0\.servers"):
        read("servers", word)


@pytest.mark.parametrize(
    ("word", "cure"),
    [
        ("Group:sre", "group:NAME"),
        ("groups:sre", "group:NAME"),
        ("'group:'", "group:NAME"),
        ("user:ann", "the name of a user"),
        ("everybody", "did you mean anybody?"),
        ("Anybody", "did you mean anybody?"),
        ("'*'", "did you mean anybody?"),
        ("a*", "by their whole name"),
        ("ann, bob", r"\[ann, bob\]"),
        ("[7]", "put it in quotes"),
        ("'ann '", "blank"),
    ],
)
def test_a_word_that_can_mean_nobody_is_refused(word: str, cure: str) -> None:
    with pytest.raises(BadFile, match=rf"line 6: rules\.0\.by.*{cure}"):
        read("by", word)


def test_in_a_list_the_line_is_that_of_the_word() -> None:
    with pytest.raises(BadFile, match=r"line 7: rules\.0\.links\.1: 'tags:b'"):
        read("links", "\n      - a\n      - tags:b")


def test_names_are_in_one_unicode_form() -> None:
    apart = normalize("NFD", "caf\u00e9")
    assert read("links", apart) == ("caf\u00e9",) == (composed(apart),)
    assert tag_or_service("tag:x") == ("tag", "x") and tag_or_service("tags:x") is None


def test_the_name_of_a_rule_has_no_character_that_cannot_be_seen() -> None:
    with pytest.raises(BadFile, match=r"line 4: rules\.0\.name.*cannot be seen"):
        read("name", '"never\\e[2K"')
