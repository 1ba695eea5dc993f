"""Reads the arithmetic of a term as a person would: numbers and signs count, words and units don't."""

import ast
import operator
import re
from collections.abc import Callable

_TOKEN = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?:e[+-]\d+)?|min\(|max\(|[A-Za-z][\w'/-]*|[×÷+−^(),]|\s+")
_SIGNS = {"×": "*", "÷": "/", "−": "-", "^": "**"}
_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def evaluate(formula: str) -> float:
    """What a formula's text comes to.

    Raises:
        ValueError: it has a sign that a reader would not know.
    """
    tokens = _TOKEN.findall(formula)
    if "".join(tokens) != formula:
        raise ValueError(f"can't be read: {formula}")
    return _value(ast.parse("".join(map(_python, tokens)).strip(), mode="eval").body)


def _python(token: str) -> str:
    if token[0].isdigit():
        return token.replace(",", "")
    if token in ("min(", "max("):
        return token
    return "" if token[0].isalpha() else _SIGNS.get(token, token)


def _value(node: ast.expr) -> float:
    if isinstance(node, ast.BinOp):
        return _OPERATORS[type(node.op)](_value(node.left), _value(node.right))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return {"min": min, "max": max}[node.func.id](_value(argument) for argument in node.args)
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    raise ValueError(f"is no arithmetic: {ast.dump(node)}")
