"""The documentation tells the truth: its commands exist, and those whose output it shows print just that."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")), *sorted(ROOT.glob("*/README.md"))]
CONSOLE = re.compile(r"```console\n(\$ .*?\n)(.*?)```\n", re.DOTALL)
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")


def shown(text: str) -> list[tuple[str, str]]:
    """The commands of a page whose output it shows, with that output."""
    return [(command.removeprefix("$ ").strip(), output) for command, output in CONSOLE.findall(text)]


def printed(command: str) -> str:
    """What a command prints, both streams together, without the blanks at the ends of lines."""
    words = shlex.split(command)
    assert words[0] == "mailstead", f"only mailstead's own output can be checked here: {command}"
    run = [sys.executable, "-c", "from cli.main import app; app(prog_name='mailstead')", *words[1:]]
    environment = {key: value for key, value in os.environ.items() if key not in {"FORCE_COLOR", "COLUMNS"}}
    done = subprocess.run(run, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())


def renewed(text: str) -> str:
    """The page with every shown output as the command prints it now."""
    return CONSOLE.sub(lambda m: f"```console\n{m[1]}{printed(m[1].removeprefix('$ '))}```\n", text)


def test_the_readme_shows_what_its_commands_print(pytestconfig: pytest.Config) -> None:
    page = ROOT / "README.md"
    text = page.read_text(encoding="utf-8")
    if pytestconfig.getoption("--update-goldens"):
        page.write_text(renewed(text), encoding="utf-8")
        text = page.read_text(encoding="utf-8")

    blocks = shown(text)

    assert len(blocks) >= 4
    for command, output in blocks:
        assert output == printed(command), f"$ {command} (if the new output is meant: pytest --update-goldens)"


def test_a_wrong_output_in_a_page_would_be_found() -> None:
    page = "```console\n$ mailstead check campus\ncampus: 1 problem\n```\n"

    assert shown(page) == [("mailstead check campus", "campus: 1 problem\n")]
    assert renewed(page) == "```console\n$ mailstead check campus\ncampus: no problems\n```\n"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    broken = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()]

    assert broken == []


def test_every_make_target_that_the_pages_name_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {name for page in PAGES for name in re.findall(r"(?:`|^)make ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE)}

    assert {"demo", "test", "up", "preview"} <= named
    assert named <= targets


def test_every_requirements_file_that_a_page_or_a_message_names_exists() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (*PAGES, *ROOT.glob("[a-z]*/**/*.py"))]
    named = {name for text in texts for name in re.findall(r"\brequirements[\w-]*\.txt", text)}

    assert {"requirements.txt", "requirements-dev.txt"} <= named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_no_page_has_a_command_line_of_pulumi_without_make() -> None:
    """Alone it is not on the PATH, and finds neither the state nor the stack."""
    assert [line for page in PAGES for line in re.findall(r"^pulumi .*", page.read_text(encoding="utf-8"), re.MULTILINE)] == []


def test_every_path_in_the_readme_s_tables_exists() -> None:
    tables = [line for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    paths = [path for line in tables for path in re.findall(r"`([a-z_]+/[\w./-]*)`", line)]

    assert len(paths) > 15
    assert [path for path in paths if not (ROOT / path).exists()] == []
