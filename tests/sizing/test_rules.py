"""The constants explain themselves, and each is used."""

import ast
import re
from pathlib import Path

import sizing
from sizing import rules

FOLDER = Path(sizing.__file__).parent
CONSTANT = re.compile(r"[A-Z][A-Z0-9_]+ = [0-9._]+  # (?P<unit>[^;]+); (?P<reason>[^;].*)")


def constants() -> list[str]:
    return [name for name in vars(rules) if name.isupper()]


def test_each_constant_has_unit_and_reason() -> None:
    lines = [line for line in Path(rules.__file__).read_text(encoding="utf-8").splitlines() if re.match(r"[A-Z]", line)]
    code = [line for line in lines if " = " in line and not line.startswith('"')]
    assert len(code) == len(constants()) > 20
    assert [line for line in code if not CONSTANT.fullmatch(line)] == []


def test_each_constant_is_used() -> None:
    used = {
        node.attr
        for path in FOLDER.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "rules"
    }
    assert sorted(set(constants()) ^ used) == []
