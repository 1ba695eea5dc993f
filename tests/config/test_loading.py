"""From a name or a path to a platform, or to every problem at once."""

from pathlib import Path
from typing import Any

import pytest

from config import Decrypted, Platform, Problem, Refused, describing, load, locate, located, parse, read
from config.loading import STACKS
from tests.config.described import CAMPUS, campus, changed, problems, said


@pytest.mark.parametrize("path", sorted(STACKS.glob("Pulumi.*.yaml")), ids=lambda path: path.stem)
def test_every_stack_of_the_project_is_a_platform(path: Path) -> None:
    platform = load(path)
    assert platform == load(locate(path.name.split(".")[1]))
    assert platform.site.name == path.name.split(".")[1]


def test_stack_is_found_by_its_name_or_by_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert locate("campus") == CAMPUS
    assert locate(str(CAMPUS)) == CAMPUS
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.yaml").write_text("config: {}\n", encoding="utf-8")
    assert locate("my.yaml") == Path("my.yaml")
    (tmp_path / "campus").write_text("config: {}\n", encoding="utf-8")
    assert locate("campus") == CAMPUS


@pytest.mark.parametrize("stack", ["campsu", "", ".", "stacks", "../stacks", "x" * 5000, "a\0b", "none/at/all.yaml"])
def test_stack_that_is_not_there_lists_those_that_are(stack: str) -> None:
    with pytest.raises(
        FileNotFoundError, match=r"^there is no stack or file named .+; the stacks are: campus, campus-2013, .*demo"
    ) as caught:
        locate(stack)
    assert str(caught.value).isprintable()


def test_platform_has_what_the_file_says_and_defaults_for_the_rest() -> None:
    platform = load(CAMPUS)
    assert platform.storage.luns["mail-fc"].size_gib == campus()["storage"]["luns"]["mail-fc"]["size_gib"]
    assert [str(address) for address in platform.networks["mail"].dns_servers] == ["192.0.2.2", "192.0.2.3"]
    assert platform.snapshots.per_disk == 1
    assert platform.data.disposable is None
    assert parse({k: v for k, v in campus().items() if k != "snapshots"}).snapshots.hold_hours == 24


@pytest.mark.parametrize("path", ["risk", "storage.luns.mail-fc.physical_gib", "storage.lost_fabric", "data.disposable"])
def test_an_optional_key_with_nothing_behind_it_is_not_the_same_as_none(path: str) -> None:
    sections = changed(**{path.replace(".", "__"): None})
    assert said(sections) == [f"{path}: nothing is written here; write a value, or remove the key"]


def test_a_name_server_of_another_zone_needs_no_address() -> None:
    sections = campus()
    sections["dns"]["name_servers"]["ns.elsewhere.example"] = None
    assert said(sections) == []


def test_problems_are_all_there_each_with_the_line_of_what_it_is_about(tmp_path: Path) -> None:
    text = CAMPUS.read_text(encoding="utf-8")
    for old, new in (
        ("fabric: iscsi }", "fabric: isci }"),
        ("users: 12000", "users: -1"),
        ("replicas: [mailbox-1]", "replicas: [mailbox-1, mailbox-9]"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Refused) as caught:
        load(path)
    lines = text.splitlines()
    assert [(p.path, lines[p.line - 1].strip()) for p in caught.value.problems] == [
        ("storage.luns.mail-iscsi.fabric", next(line.strip() for line in lines if "isci }" in line)),
        ("spool.users", "users: -1"),
    ]
    path.write_text(text.replace("users: -1", "users: 1").replace("isci }", "iscsi }"), encoding="utf-8")
    with pytest.raises(Refused) as caught:
        load(path)
    assert [(p.path, p.value, lines[p.line - 1].strip()) for p in caught.value.problems] == [
        ("directory.replicas.1", "mailbox-9", "replicas: [mailbox-1, mailbox-9]")
    ]


def test_missing_section_is_looked_for_below_config(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(CAMPUS.read_text(encoding="utf-8").replace("mailstead:dns:", "other:dns:"), encoding="utf-8")
    with pytest.raises(Refused) as caught:
        load(path)
    (problem,) = caught.value.problems
    assert (problem.path, problem.line) == ("dns", read(CAMPUS).line(""))
    assert problem.remedy == "add the key mailstead:dns: the zone that names the platform's services"


def test_file_that_can_not_be_read_says_only_that(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"can't be read \(Is a directory\)") as caught:
        load(tmp_path)
    assert len(caught.value.problems) == 1


def test_sections_from_the_engine_have_problems_without_a_place() -> None:
    (problem,) = problems(changed(spool__users=-1))
    assert (problem.file, problem.line) == ("", 0)


@pytest.mark.parametrize(("name", "remedy"), [
    ("sites", "write site"), ("snapshot", "write snapshots"), ("log-archive", "write log_archive"), ("", "use one of: access, balancers, "),
    ("config:site", "use one of: access, balancers, "), ("site.name", "write site"),
])  # fmt: skip
def test_unknown_section_points_at_the_nearest(name: str, remedy: str) -> None:
    (problem,) = problems({**campus(), name: {}})
    assert (problem.rule, problem.remedy[: len(remedy)]) == ("is not a known key", remedy)


def test_sections_are_not_changed_and_not_shared() -> None:
    sections = campus()
    platform = parse(sections)
    assert sections == campus()
    sections["vsphere"]["hosts"].append("esx-9")
    assert platform == parse(campus())


@pytest.mark.parametrize("values", [{}, {"spool__users": 1.2e4}, {"storage__luns__mail-fc__size_gib": 200.0}])
def test_whole_numbers_are_the_same_as_the_engine_hands_them_over(values: dict[str, Any]) -> None:
    whole = {path: int(value) for path, value in values.items()}
    assert parse(changed(**values)).model_dump_json() == parse(changed(**whole)).model_dump_json()


def test_located_adds_file_and_line_but_keeps_a_line_that_is_known() -> None:
    file = read(CAMPUS)
    known, unknown = Problem("site.name", "x", "is", "write", line=99), Problem("site.name.x", "x", "is", "write")
    assert [(p.file, p.line) for p in located([known, unknown], file)] == [(file.name, 99), (file.name, file.line("site.name"))]
    assert located([known, unknown], None) == [known, unknown]


def test_located_places_a_problem_of_the_login_only_where_the_file_has_its_key(tmp_path: Path) -> None:
    """It may be from an environment variable, and then no line of the stack is to blame."""
    path = tmp_path / "login.yaml"
    path.write_text("config:\n  vsphere:user: me\n  mailstead:site: {}\n", encoding="utf-8")
    user, password = Problem("vsphere:user", "me", "is", "write"), Problem("vsphere:password", "nothing", "is", "write")
    assert [(p.file, p.line) for p in located([user, password], read(path))] == [(str(path), 2), ("", 0)]


def test_file_describes_the_sections_only_if_it_says_the_same(tmp_path: Path) -> None:
    sections = dict(read(CAMPUS).sections)
    assert describing(CAMPUS, sections) == read(CAMPUS)
    assert describing(CAMPUS, {**sections, "data": {}}) is None
    assert describing(tmp_path / "none.yaml", sections) is None


def test_section_that_the_engine_decrypted_is_refused_unread(tmp_path: Path) -> None:
    """With the line of the secret where the file has it, once; without a file by the section's name."""
    path = tmp_path / "secret.yaml"
    path.write_text(CAMPUS.read_text(encoding="utf-8").replace("users: 12000", "users: { secure: v1:x }"), encoding="utf-8")
    handed_over = {**campus(), "spool": Decrypted()}
    file = describing(path, handed_over)
    assert file == read(path)
    with pytest.raises(Refused) as caught:
        parse(handed_over, file)
    (by_line,) = caught.value.problems
    assert (by_line.path, by_line.value, by_line.line) == ("spool.users", "this value", file.line("spool.users") if file else 0)
    (problem,) = problems(handed_over)
    assert str(problem) == (
        "spool: this section is a secret, and sizes and plans are made without any; write it in clear, secrets belong to vsphere: keys"
    )
    assert describing(path, {**handed_over, "data": {}}) is None
    assert said(handed_over, read(CAMPUS)) == [f"{read(CAMPUS).name}:{read(CAMPUS).line('spool')}: {problem}"]


def test_unknown_section_that_the_engine_decrypted_is_named_and_no_more() -> None:
    (problem,) = problems({**campus(), "spoolx": Decrypted()})
    assert (problem.path, problem.value) == ("spoolx", "spoolx")


def test_what_the_engine_calls_three_is_what_the_file_calls_three_point_nought(tmp_path: Path) -> None:
    path = tmp_path / "same.yaml"
    path.write_text(CAMPUS.read_text(encoding="utf-8").replace("planning_years: 3", "planning_years: 3.0"), encoding="utf-8")
    assert describing(path, read(CAMPUS).sections) is not None


def test_good_stack_has_nothing_said() -> None:
    assert said(campus()) == []
    assert isinstance(parse(campus()), Platform)
