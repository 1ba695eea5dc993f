"""The whole repository keeps the rules of `tests/architecture.py`, and each rule can be broken."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import architecture as rules

ROOT = Path(__file__).parents[1]
Rule = Callable[[str, str], Iterator[str]]


def tracked() -> dict[str, str]:
    """Every text file that the repository holds, by path; sums of Go modules are no text."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    contents = {path: ROOT / path for path in listed.split("\0") if path and not path.endswith(".sum")}
    texts = {path: _text(file) for path, file in contents.items() if file.is_file()}
    return {path: text for path, text in texts.items() if text is not None}


def _text(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


FILES = tracked()
PYTHON = {path for path, text in FILES.items() if path.endswith(".py") or ("python" in text.partition("\n")[0] and text.startswith("#!"))}
GO = {path for path in FILES if path.endswith(".go")}
PRODUCT = {path for path in PYTHON if rules.is_product(path)}
APPLIES: dict[Rule, set[str]] = {
    rules.forbidden_imports: PYTHON,
    rules.shared_formulas: PRODUCT,
    rules.long_files: PYTHON | GO,
    rules.long_functions: PYTHON,
    rules.long_go_functions: GO,
    rules.missing_docstrings: PYTHON,
    rules.uncommented_constants: {"sizing/rules.py"},
    rules.loose_models: PRODUCT,
    rules.prints: PYTHON,
    rules.traces: set(FILES),
}


@pytest.mark.parametrize("rule", APPLIES, ids=lambda rule: rule.__name__)
def test_the_repository_keeps_the_rule(rule: Rule) -> None:
    paths = sorted(APPLIES[rule])
    assert paths, "the rule applies to nothing"
    assert [breach for path in paths for breach in rule(path, FILES[path])] == []


def test_the_repository_is_seen() -> None:
    assert {"__main__.py", "config/base.py", "sizing/rules.py", "plan/model.py", "tests/architecture.py"} <= PYTHON
    assert len(GO) > 10
    assert {"README.md", "pyproject.toml", "stacks/Pulumi.campus.yaml"} <= set(FILES)


def test_every_part_has_files() -> None:
    assert {rules.part(path) for path in PYTHON} == set(rules.PARTS)


BODY = "    pass\n"
GO_BODY = "\tx()\n"
BREACHES: list[tuple[Rule, str, str, str]] = [
    (rules.forbidden_imports, "config/x.py", "import sizing.rules\n", "config/x.py:1: config/ may not import sizing.rules"),
    (rules.forbidden_imports, "config/x.py", "from rich import print\n", "config/x.py:1: config/ may not import rich"),
    (rules.forbidden_imports, "sizing/x.py", "from plan import build\n", "sizing/x.py:1: sizing/ may not import plan"),
    (rules.forbidden_imports, "sizing/x.py", "import pulumi\n", "sizing/x.py:1: sizing/ may not import pulumi"),
    (rules.forbidden_imports, "sizing/x.py", "import typer\n", "sizing/x.py:1: sizing/ may not import typer"),
    (rules.forbidden_imports, "plan/x.py", "def f():\n    import components\n", "plan/x.py:2: plan/ may not import components"),
    (rules.forbidden_imports, "plan/x.py", "import numpy\n", "plan/x.py:1: plan/ may not import numpy"),
    (rules.forbidden_imports, "components/x.py", "import os, checks\n", "components/x.py:1: components/ may not import checks"),
    (rules.forbidden_imports, "checks/x.py", "import pulumi\n", "checks/x.py:1: checks/ may not import pulumi"),
    (rules.forbidden_imports, "cli/x.py", "import components\n", "cli/x.py:1: cli/ may not import components"),
    (rules.forbidden_imports, "cli/x.py", "from pyVmomi import vim\n", "cli/x.py:1: cli/ may not import pyVmomi"),
    (rules.forbidden_imports, "tools/x.py", "import config\n", "tools/x.py:1: tools/ may not import config"),
    (rules.forbidden_imports, "tools/x.py", "import yaml\n", "tools/x.py:1: tools/ may not import yaml"),
    (rules.forbidden_imports, "__main__.py", "import sizing\n", "__main__.py:1: __main__.py may not import sizing"),
    (rules.forbidden_imports, "plan/x.py", "from .model import Plan\n", "plan/x.py:1: plan/ may not import a relative module"),
    (rules.forbidden_imports, "new/x.py", "", "new/x.py: is in no part of the repository that tests/architecture.py knows"),
    (rules.forbidden_imports, "new.py", "", "new.py: is in no part of the repository that tests/architecture.py knows"),
    (rules.forbidden_imports, "sizing/replay/x.py", "import scipy\n", "sizing/replay/x.py:1: sizing/replay/ may not import scipy"),
    (
        rules.shared_formulas,
        "checks/vcenter/x.py",
        "from checks.snapshots.room import room\n",
        "checks/vcenter/x.py:1: checks/vcenter/ may not share checks.snapshots.room.room",
    ),
    (
        rules.shared_formulas,
        "sizing/replay/x.py",
        "from sizing import size\n",
        "sizing/replay/x.py:1: sizing/replay/ may not share sizing.size",
    ),
    (
        rules.shared_formulas,
        "sizing/replay/x.py",
        "import numpy\nimport sizing.risk.draws\n",
        "sizing/replay/x.py:2: sizing/replay/ may not share sizing.risk.draws",
    ),
    (
        rules.shared_formulas,
        "sizing/replay/x.py",
        "def f():\n    from sizing.rulesets import x\n",
        "sizing/replay/x.py:2: sizing/replay/ may not share sizing.rulesets.x",
    ),
    (rules.long_files, "plan/x.py", "\n" * 301, "plan/x.py: has 301 lines, 300 at most"),
    (rules.long_functions, "plan/x.py", "def f():\n" + BODY * 40, "plan/x.py:1: f has 41 lines, 40 at most"),
    (rules.long_functions, "tests/x.py", "async def f():\n" + BODY * 40, "tests/x.py:1: f has 41 lines, 40 at most"),
    (rules.long_functions, "plan/x.py", "def f():\n" + '    """' + "\n" * 40 + '    """\n', "plan/x.py:1: f has 42 lines, 40 at most"),
    (rules.long_functions, "plan/x.py", "class A:\n    def f(self):\n" + f"    {BODY}" * 40, "plan/x.py:2: f has 41 lines, 40 at most"),
    (rules.long_functions, "plan/x.py", "def __init__(self):\n" + BODY * 60, "plan/x.py:1: __init__ has 61 lines, 60 at most"),
    (rules.long_go_functions, "x.go", "func f() {\n" + GO_BODY * 39 + "}\n", "x.go:1: f() has 41 lines, 40 at most"),
    (
        rules.long_go_functions,
        "x.go",
        f"func a() {{}}\n\nfunc (s *S) f(\n{GO_BODY * 39}) {{\n}}\n",
        "x.go:3: (s *S) f( has 42 lines, 40 at most",
    ),
    (rules.missing_docstrings, "tests/x.py", "import os\n", "tests/x.py: has no docstring"),
    (rules.missing_docstrings, "plan/x.py", '"""X."""\ndef f(): pass\n', "plan/x.py:2: f has no docstring"),
    (rules.missing_docstrings, "plan/x.py", '"""X."""\nclass A: pass\n', "plan/x.py:2: A has no docstring"),
    (rules.missing_docstrings, "plan/x.py", '"""X."""\nclass A:\n    "A."\n    def f(self): pass\n', "plan/x.py:4: f has no docstring"),
    (rules.uncommented_constants, "sizing/rules.py", "X = 5\n", "sizing/rules.py:1: has no comment on the constant's one line"),
    (rules.uncommented_constants, "sizing/rules.py", 'X = "# é"\n', "sizing/rules.py:1: has no comment on the constant's one line"),
    (rules.uncommented_constants, "sizing/rules.py", "X: int = 5  #\n", "sizing/rules.py:1: has no comment on the constant's one line"),
    (
        rules.uncommented_constants,
        "sizing/rules.py",
        "X = (\n    5  # GiB\n)\n",
        "sizing/rules.py:1: has no comment on the constant's one line",
    ),
    (rules.loose_models, "plan/x.py", "class A(BaseModel): pass\n", "plan/x.py:1: A is no config.base.Model"),
    (rules.loose_models, "plan/x.py", "class A(pydantic.RootModel[int], B): pass\n", "plan/x.py:1: A is no config.base.Model"),
    (rules.prints, "plan/x.py", "def f():\n    print(5)\n", "plan/x.py:2: prints"),
    (rules.traces, "README.md", "a\nsee " + "/root" + "/x\n", "README.md:2: holds a path of one machine"),
    (rules.traces, "README.md", "(" + "/work" + "/main)", "README.md:1: holds a path of one machine"),
    (rules.traces, "Makefile", "A=" + "/home" + "/me/x", "Makefile:1: holds a path of one machine"),
    (rules.traces, "x.go", '"/' + 'tmp/x"', "x.go:1: holds a path of one machine"),
    (rules.traces, "x.py", "https://" + "pypi" + ".org/simple", "x.py:1: holds a registry's host"),
    (rules.traces, "x.sh", "GOPROXY" + "=https://example.org/", "x.sh:1: holds a registry's host"),
    (rules.traces, "x.sh", "pip install --index-url" + " http://192.0.2.1/simple", "x.sh:1: holds a registry's host"),
    (rules.traces, "x.go", "// TO" + "DO: later", "x.go:1: holds an unfinished mark"),
    (rules.traces, "x.py", "# XX" + "X", "x.py:1: holds an unfinished mark"),
    (rules.traces, "README.md", "see design" + ".md", "README.md:1: holds what is not in the repository"),
]
KEPT: list[tuple[Rule, str, str]] = [
    (rules.forbidden_imports, "config/x.py", "import os\nimport config\nfrom pydantic import BaseModel\nimport yaml\nimport netaddr\n"),
    (rules.forbidden_imports, "sizing/x.py", "import config.types\nfrom sizing import rules\nimport numpy\n"),
    (rules.shared_formulas, "sizing/x.py", "from sizing import size\nfrom sizing.risk import risk\n"),
    (
        rules.shared_formulas,
        "sizing/replay/x.py",
        "from sizing import rules\nfrom sizing.units import show\n",
    ),
    (rules.forbidden_imports, "components/x.py", "import pulumi\nimport pulumi_vsphere\nfrom plan import model\nimport config\n"),
    (rules.forbidden_imports, "checks/x.py", "from pyVmomi import vim\nfrom pyVim import connect\nimport plan\n"),
    (rules.forbidden_imports, "cli/x.py", "import typer, rich, checks, tools, sizing, plan, config\n"),
    (rules.forbidden_imports, "tools/x.py", "import json\nfrom rich import console\nfrom tools import paths\n"),
    (rules.forbidden_imports, "tests/plan/x.py", "import pulumi, pyVmomi, rich, components, cli\n"),
    (rules.forbidden_imports, "benchmarks/x.py", "import pulumi, components, tools\n"),
    (rules.long_files, "plan/x.py", "\n" * 300),
    (rules.long_functions, "plan/x.py", "@a\n@b\ndef f():\n" + BODY * 39),
    (rules.long_functions, "plan/x.py", "def __init__(self):\n" + BODY * 59),
    (rules.long_go_functions, "x.go", "func f() {\n" + GO_BODY * 38 + "}\n\nvar x = 5\n" * 40),
    (rules.missing_docstrings, "plan/__init__.py", ""),
    (
        rules.missing_docstrings,
        "plan/x.py",
        '"""X."""\ndef _f(): pass\nclass _A:\n    def f(self): pass\ndef g():\n    "G."\n    def h(): pass\n',
    ),
    (rules.missing_docstrings, "plan/x.py", '"""X."""\nclass A:\n    "As the interface says."\n    def InvokeMethod(self): pass\n'),
    (rules.missing_docstrings, "tests/x.py", '"""X."""\ndef f(): pass\n'),
    (rules.uncommented_constants, "sizing/rules.py", '"""X."""\nX = "é"  # GiB; why\nY: int = 5  # h; figure\n'),
    (rules.loose_models, "plan/x.py", "class A(Model): pass\nclass B(Exception): pass\n"),
    (rules.prints, "benchmarks/x.py", "print(5)\n"),
    (rules.prints, "cli/x.py", "console.print(5)\n"),
    (rules.traces, "README.md", "src/work/x ./root/x /var/lib/haproxy https://example.org/home/x $HOME/tmp/x /homework XXXL todo\n"),
]


@pytest.mark.parametrize(("rule", "path", "text", "breach"), BREACHES, ids=[f"{b[0].__name__}-{b[3][:40]}" for b in BREACHES])
def test_the_rule_can_be_broken(rule: Rule, path: str, text: str, breach: str) -> None:
    assert list(rule(path, text)) == [breach]


@pytest.mark.parametrize(("rule", "path", "text"), KEPT, ids=[f"{k[0].__name__}-{k[1]}" for k in KEPT])
def test_the_rule_lets_pass_what_keeps_it(rule: Rule, path: str, text: str) -> None:
    assert list(rule(path, text)) == []


def test_every_rule_is_shown_broken_and_kept() -> None:
    assert {rule for rule, *_ in BREACHES} == {rule for rule, *_ in KEPT} == set(APPLIES)
