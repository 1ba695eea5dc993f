"""What one unquoted YAML value means: the same to this package and to Pulumi's engine, or it is refused.

A stack file has two readers. PyYAML follows YAML 1.1, the engine's reader (Go, yaml.v3) mostly YAML 1.2: `yes`, `12:30`
and `1e3` are a yes, a number and a text to the one, and two texts and a number to the other. This is the engine's reading,
so that what is checked is what is applied; spellings that hide their value from people are refused.
"""

import math
import re

MAX_NUMBER = 2**53  # from here on the readers round whole numbers differently (IEEE 754 binary64)

Scalar = str | int | float | bool | None

_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
_DECIMAL = re.compile(r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_ODD = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ].*)?")


def plain(text: str) -> Scalar:
    """The value of an unquoted scalar.

    Raises:
        ValueError: `rule; remedy` for a spelling whose value a reader would not expect.
    """
    if text in _WORDS:
        return _WORDS[text]
    if _DECIMAL.fullmatch(text):
        return _decimal(text)
    if text[0] in "+-.0123456789" and _ODD.fullmatch(text.replace("_", "")):
        rule = "is not a number in plain decimal"
        raise ValueError(f"{rule}; write it without underscores, leading zeros and base, or in quotes if it is text")
    if _DATE.fullmatch(text):
        raise ValueError("looks like a date; write a number, or put it in quotes if it is text")
    return text


def _decimal(text: str) -> int | float:
    value = float(text)
    if abs(value) >= MAX_NUMBER:
        raise ValueError("is beyond any number that a stack needs; write a smaller one, or put it in quotes if it is text")
    return int(text) if text.lstrip("+-").isdigit() else value
