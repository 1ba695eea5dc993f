"""The rules of how this repository is built, each a pure function from a file's path and text to what breaks it.

A function's length counts from `def` (or `func`) to its last line, signature and docstring included, decorators not.
Deliberately knows no exceptions: a unit of the table of arrows is a part with a purpose of its own, not a pardon.
"""

import ast
import re
import sys
from collections.abc import Iterator
from typing import NamedTuple

MAX_FUNCTION = 40  # lines
MAX_CONSTRUCTOR = 60  # lines
MAX_FILE = 300  # lines


class Arrows(NamedTuple):
    """What a part of the repository may import beside the standard library and itself."""

    own: frozenset[str]
    """Other parts."""
    others: frozenset[str] | None = None
    """Libraries; None allows every one that is not kept for other parts."""


def arrows(own: str = "", others: str | None = None) -> Arrows:
    """Arrows from names with blanks between them."""
    return Arrows(frozenset(own.split()), None if others is None else frozenset(others.split()))


PARTS = {
    "__main__.py": arrows("checks components config plan", "pulumi"),
    "config/": arrows("", "netaddr pydantic pydantic_core yaml"),
    "sizing/": arrows("config"),
    "sizing/replay/": arrows("config", "numpy"),  # what sizing is checked against: of sizing itself `ONLY` says what it may
    "sizing/__main__.py": arrows("cli", "typer"),  # a second way to start the command line
    "plan/": arrows("config sizing", "highspy jinja2 netaddr pydantic"),
    "components/": arrows("config plan", "pulumi pulumi_vsphere"),
    "review/": arrows("config plan", "pydantic"),
    "policy/": arrows("config sizing plan review", "pulumi_policy pydantic"),
    "checks/": arrows("config sizing plan", "pydantic pyVim pyVmomi"),
    "checks/vcenter/": arrows("config sizing plan", "pydantic pyVim pyVmomi"),
    "checks/snapshots/": arrows("config sizing plan", "pydantic pyVim pyVmomi"),
    "checks/ledger/": arrows("config sizing plan", "pydantic pyVim pyVmomi"),
    "incident/": arrows("config sizing plan checks tools", "altair vl_convert yaml"),
    "cli/": arrows("config sizing plan review checks incident tools"),
    "tools/": arrows("", "rich"),
    "tools/language-host/": arrows("", "google grpc pulumi"),  # what the engine starts in place of its own host
    "benchmarks/": arrows("config sizing plan components review policy checks incident cli tools tests"),
    "tests/": arrows("config sizing plan components review policy checks incident cli tools benchmarks"),
}
ONLY = {
    "sizing/replay/": ("sizing.replay", "sizing.rules", "sizing.units"),  # constants and units, no formula
    "checks/vcenter/": ("checks.vcenter",),
    "checks/snapshots/": ("checks.vcenter", "checks.snapshots"),
    "checks/ledger/": ("checks.vcenter", "checks.snapshots", "checks.ledger", "checks.waivers"),
}
"""Of its own package, what a part may import that must not depend on the rest of it."""
FREE = ("benchmarks/", "tests/")
KEPT = {
    "pulumi": "components/", "pulumi_vsphere": "components/", "pulumi_policy": "policy/", "pyVmomi": "checks/", "pyVim": "checks/",
    "typer": "cli/", "rich": "cli/",
}  # fmt: skip
"""Libraries that only one part imports, unless another names them."""

OWN = frozenset(part.strip("/") for part in PARTS if part.count("/") == 1 and part.endswith("/"))


def part(path: str) -> str:
    """The part of the repository that a file belongs to; empty if it belongs to none."""
    return max((prefix for prefix in PARTS if path.startswith(prefix)), key=len, default="")


def is_product(path: str) -> bool:
    """Whether a Python file is delivered, and not only there to try or to measure what is."""
    return not path.startswith(FREE)


def forbidden_imports(path: str, text: str) -> Iterator[str]:
    """Imports against the arrows, wherever in the file they stand."""
    name = part(path)
    if not name:
        yield f"{path}: is in no part of the repository that tests/architecture.py knows"
        return
    for line, module in _imports(text):
        top = module.partition(".")[0]
        if top not in sys.stdlib_module_names and top != name.partition("/")[0] and not _may(name, top):
            yield f"{path}:{line}: {name} may not import {module}"


def _may(name: str, top: str) -> bool:
    allowed = PARTS[name]
    if top in OWN:
        return top in allowed.own
    if allowed.others is not None:
        return top in allowed.others
    return name in FREE or KEPT.get(top, name) == name


def _imports(text: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, "a relative module" if node.level else node.module or ""


def shared_formulas(path: str, text: str) -> Iterator[str]:
    """Imports by which a part that `ONLY` keeps apart would depend on the rest of its own package."""
    allowed = ONLY.get(part(path), (path.partition("/")[0],))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            named = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            named = [f"{node.module}.{alias.name}" for alias in node.names]  # `from sizing import rules` names a module too
        else:
            continue
        for name in named:
            own = name.partition(".")[0] == path.partition("/")[0]
            if own and not any(f"{name}.".startswith(f"{only}.") for only in allowed):
                yield f"{path}:{node.lineno}: {part(path)} may not share {name}"


def long_files(path: str, text: str) -> Iterator[str]:
    """Files of more than 300 lines."""
    lines = len(text.splitlines())
    if lines > MAX_FILE:
        yield f"{path}: has {lines} lines, {MAX_FILE} at most"


def long_functions(path: str, text: str) -> Iterator[str]:
    """Functions of more than 40 lines, constructors of more than 60."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            most = MAX_CONSTRUCTOR if node.name == "__init__" else MAX_FUNCTION
            if lines > most:
                yield f"{path}:{node.lineno}: {node.name} has {lines} lines, {most} at most"


def long_go_functions(path: str, text: str) -> Iterator[str]:
    """Functions of Go, as gofmt lays them out, of more than 40 lines."""
    start, name = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("func ") and not line.endswith("}"):
            start, name = number, line.removeprefix("func ").partition("{")[0].strip()
        elif line == "}" and start:
            if number - start + 1 > MAX_FUNCTION:
                yield f"{path}:{start}: {name} has {number - start + 1} lines, {MAX_FUNCTION} at most"
            start = 0


def missing_docstrings(path: str, text: str) -> Iterator[str]:
    """Modules without one; in the product also public classes, functions and methods, but methods that another's interface names."""
    tree = ast.parse(text)
    if tree.body and not ast.get_docstring(tree):
        yield f"{path}: has no docstring"
    if is_product(path):
        yield from (f"{path}:{node.lineno}: {node.name} has no docstring" for node in _public(tree) if not ast.get_docstring(node))


def _public(owner: ast.Module | ast.ClassDef) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in owner.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from (inner for inner in _public(node) if isinstance(inner, ast.ClassDef) or inner.name.islower())


def uncommented_constants(path: str, text: str) -> Iterator[str]:
    """Constants that don't stand on one line with a comment that says unit, reason and source."""
    lines = text.splitlines()
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            comment = lines[node.lineno - 1].encode()[node.end_col_offset or 0 :].strip()
            if node.end_lineno != node.lineno or not re.match(rb"# \S+", comment):
                yield f"{path}:{node.lineno}: has no comment on the constant's one line"


def loose_models(path: str, text: str) -> Iterator[str]:
    """Models that don't come from the base that makes them frozen and deaf to unknown keys."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef) and path != "config/base.py":
            bases = {ast.unparse(base).partition("[")[0].rpartition(".")[2] for base in node.bases}
            if bases & {"BaseModel", "RootModel", "BaseSettings"}:
                yield f"{path}:{node.lineno}: {node.name} is no config.base.Model"


def prints(path: str, text: str) -> Iterator[str]:
    """Calls of print: the product speaks through a console, a log or a value."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("print", "pprint") and is_product(path):
            yield f"{path}:{node.lineno}: prints"


_TRACES = {
    "a path of one machine": re.compile(r"(?<![\w.}/-])/(?:work|root|home|Users|tmp|mnt)/[\w.]"),
    "a registry's host": re.compile(
        r"\b(?:pypi\.org|pythonhosted\.org|(?:proxy|sum)\.golang\.org|npmjs\.(?:org|com)|crates\.io|(?:deb|security)\.debian\.org"
        r"|(?:archive|security)\.ubuntu\.com|(?:ghcr|quay|docker)\.io)\b|(?:index-url|find-links|GOPROXY)[=: ]+\S*/"
    ),
    "an unfinished mark": re.compile(r"\b(?:TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b"),
    "what is not in the repository": re.compile(r"\.\./shared\b|\bdesign\.md\b|\bplatform-20[1]3\.md\b|\bbrief\.md\b"),
}


def traces(path: str, text: str) -> Iterator[str]:
    """Lines that show where, how or in which state the text was made."""
    for number, line in enumerate(text.splitlines(), 1):
        for what, pattern in _TRACES.items():
            if pattern.search(line):
                yield f"{path}:{number}: holds {what}"
