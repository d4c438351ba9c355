"""The rules about a file as such, before it is known what it says: is it text, YAML, JSON, an experiment?"""

from .finding import Rule, Severity

__all__ = ["RULES"]

UNREADABLE = Rule(
    "unreadable",
    Severity.ERROR,
    "The file cannot be read.",
    "The host cannot read it either.",
    "Mend its rights, or the name.",
)
TOO_BIG = Rule(
    "too-big",
    Severity.ERROR,
    "The file is bigger than half a megabyte.",
    "The host reads about fifty kilobytes of YAML a second, and writes the whole experiment into the journal; what is "
    "so big is hardly an experiment, and is not read here.",
    "Put the data into a file of its own, and name that.",
)
NOT_UTF8 = Rule(
    "not-utf-8",
    Severity.ERROR,
    "The file is not UTF-8.",
    "The host reads it as UTF-8 and breaks off with a UnicodeDecodeError.",
    "Save it as UTF-8, without a byte order mark.",
)
BYTE_ORDER_MARK = Rule(
    "byte-order-mark",
    Severity.ERROR,
    "The file begins with a byte order mark.",
    "The host's JSON reader refuses it; its YAML reader passes over it.",
    "Save it as UTF-8 without a byte order mark.",
)
NO_EXTENSION = Rule(
    "file-name",
    Severity.ERROR,
    "The file's name does not end in .yaml, .yml or .json.",
    "The host tells by the name how to read a file, and refuses others.",
    "Rename it.",
)
NOT_YAML = Rule(
    "not-yaml",
    Severity.ERROR,
    "The file is not YAML.",
    "The host refuses it.",
    "Mend it there, or a line above: indentation, quotes, brackets.",
)
NOT_JSON = Rule(
    "not-json",
    Severity.ERROR,
    "The file is not JSON.",
    "The host refuses it, with a traceback.",
    "Mend it there, or just before: a comma, a quote, a bracket.",
)
COMMENT = Rule(
    "json-comment",
    Severity.ERROR,
    "A comment in JSON.",
    "JSON knows none; the host refuses the file, with a traceback.",
    "Take it out, or write the experiment as YAML, where # begins a comment.",
)
NOT_A_NUMBER = Rule(
    "not-a-number",
    Severity.ERROR,
    "NaN or Infinity in JSON.",
    "Python reads it and writes it into the journal, where no other reader of JSON accepts it. Nothing equals NaN.",
    "Write a number.",
)
BAD_TAG = Rule(
    "yaml-tag",
    Severity.ERROR,
    "A YAML tag or key that the host cannot read.",
    "The host reads plain YAML only (safe_load) and refuses the file.",
    "Take the tag out.",
)
BAD_SCALAR = Rule(
    "yaml-value",
    Severity.ERROR,
    "A value that looks like a date or a number, and is none.",
    "The host breaks off with a traceback.",
    "Put it in quotes if it is a text.",
)
DUPLICATE_KEY = Rule(
    "duplicate-key",
    Severity.ERROR,
    "The same key twice in one mapping.",
    "The last one counts, the first is lost without a word: two `method:` are one.",
    "Keep one.",
)
EMPTY = Rule(
    "empty",
    Severity.ERROR,
    "The file is empty.",
    "An empty experiment is not an experiment; the host refuses it.",
    "Begin with title, description and method.",
)
NOT_A_MAPPING = Rule(
    "not-an-experiment",
    Severity.ERROR,
    "The file is no experiment.",
    "An experiment is a mapping with title, description and method; the host breaks off with a traceback on a list.",
    "One experiment a file, its keys at the left margin.",
)

RULES = (
    UNREADABLE,
    TOO_BIG,
    NOT_UTF8,
    BYTE_ORDER_MARK,
    NO_EXTENSION,
    NOT_YAML,
    NOT_JSON,
    COMMENT,
    NOT_A_NUMBER,
    BAD_TAG,
    BAD_SCALAR,
    DUPLICATE_KEY,
    EMPTY,
    NOT_A_MAPPING,
)
