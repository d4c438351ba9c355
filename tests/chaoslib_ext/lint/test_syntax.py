"""The rules about a file as such."""

from chaoslib_ext.lint import syntax


def test_each_is_an_error_with_a_sentence_for_what_why_and_cure() -> None:
    for rule in syntax.RULES:
        assert rule.severity == "error"
        assert all(text.endswith(".") for text in (rule.what, rule.why, rule.cure)), rule.id
