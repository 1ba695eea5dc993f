"""The page shows the numbers of `--json` and no others, needs nothing but itself, and says whatever a stack is called."""

import json
import re
from typing import Any

import pytest

from sizing.report import charts, tables
from sizing.report.model import Report, with_shares
from sizing.report.page import page
from tests.sizing.report.reports import SMALL, Read, read, report


@pytest.fixture(scope="module")
def sound() -> tuple[Report, str, Read]:
    """A report without problems: itself, its page, and what is read from that."""
    made = report()
    html = page(made)
    return made, html, read(html)


@pytest.fixture(scope="module")
def refused() -> tuple[Report, str, Read]:
    """A report with problems."""
    made = report(SMALL)
    html = page(made)
    return made, html, read(html)


def data(found: tuple[Report, str, Read]) -> Any:
    """The data that a page holds."""
    return found[2].scripts["data"]


def test_the_page_holds_what_json_says(sound: tuple[Report, str, Read]) -> None:
    made, _, _ = sound
    assert data(sound)["sizing"] == json.loads(json.dumps(with_shares(made.sizing.model_dump(mode="json"))))
    assert data(sound)["risk"] == json.loads(json.dumps(made.risk.model_dump(mode="json")))
    assert data(sound)["comparison"] == json.loads(json.dumps(with_shares(made.comparison.model_dump(mode="json"))))


@pytest.mark.parametrize("which", ["sound", "refused"])
def test_the_tables_on_the_page_are_the_data_of_the_page(which: str, request: pytest.FixtureRequest) -> None:
    found = request.getfixturevalue(which)
    sizes, shown = data(found)["sizing"], found[2].tables

    def column(table: str, name: str) -> list[Any]:
        at = shown[table][0].index(name)
        return [row[at] for row in shown[table][1:]]

    for key, name in (
        ("declared_gib", "LUN GiB"),
        ("required_gib", "required GiB"),
        ("need_gib", "need GiB"),
        ("smallest_gib", "ask for GiB"),
    ):
        assert column("datastores", name) == [store[key] for store in sizes["datastores"]]
    hours = [store["hours_to_full"] for store in sizes["datastores"]]
    assert hours == ([None] if which == "sound" else [0])
    assert ("full after h" in shown["datastores"][0]) is (which == "refused")
    for key, name in (("gib", "gets GiB"), ("need_gib", "need GiB")):
        assert column("disks", name) == [disk[key] for disk in sizes["disks"]]
    assert column("disks", "written GiB/d") == [disk["written_per_day"]["gib"] for disk in sizes["disks"]]
    assert column("memory", "need GiB") == [server["need_gib"] for server in sizes["memory"]]
    risks = data(found)["risk"]
    for key, name in (("provisioned_gib", "there is GiB"), ("need_gib", "need GiB"), ("fill_probability", "fills in")):
        assert column("risk", name) == [need[key] for need in (*risks["datastores"], *risks["disks"])]
    assert column("scanning", "cores needed") == [data(found)["scanning"]["cores_needed"]]
    for at, outcome in enumerate(data(found)["comparison"]["outcomes"]):
        required = [store["required_gib"] for store in outcome["sizing"]["datastores"]]
        assert [row[at + 2] for row in shown["scenarios-compared"][1:]][: len(required)] == required


def test_the_terms_on_the_page_are_the_data_of_the_page(sound: tuple[Report, str, Read]) -> None:
    sizes, shown = data(sound)["sizing"], sound[2].tables
    needs = {f"datastore-{store['lun']}": store for store in sizes["datastores"]}
    needs |= {f"memory-{server['vm']}": server for server in sizes["memory"]}
    needs |= {f"disk-{disk['vm']}-{disk['label']}": disk for disk in sizes["disks"]}
    of_terms = {name: rows for name, rows in shown.items() if name.startswith(("datastore-", "disk-", "memory-"))}
    assert {name for name in needs if name.startswith("datastore-")} | {"memory-scanner-1"} <= set(of_terms)
    for name, (_, *rows, total) in of_terms.items():
        assert [row[1] for row in rows] == [term["gib"] for term in needs[name]["terms"]]
        assert all(term["formula"] in str(row[0]) for row, term in zip(rows, needs[name]["terms"], strict=True))
        assert all(term["source"] in str(row[0]) for row, term in zip(rows, needs[name]["terms"], strict=True))
        assert total[1] == needs[name]["need_gib"]


def test_every_disk_stands_on_the_page_once(sound: tuple[Report, str, Read]) -> None:
    made, _, found = sound
    named = [f"{disk.vm}/{disk.label}" for disk in made.sizing.disks]
    part = sound[1][sound[1].index('id="disks-part"') : sound[1].index('id="scenarios-part"')]
    headings = re.findall(r"<h3>(.*?) <span", part)
    assert sorted(name for heading in headings for name in heading.split(", ")) == sorted(named)
    assert {f"disk-{disk.vm}-{disk.label}" for disk in made.sizing.disks} >= {name for name in found.tables if name.startswith("disk-")}


def test_every_chart_has_its_place_and_its_data(sound: tuple[Report, str, Read]) -> None:
    made, _, found = sound
    assert sorted(found.attributes("data-chart")) == sorted(found.scripts["charts"])
    assert found.scripts["charts"] == json.loads(json.dumps(charts.all_of(made)))


def test_the_page_asks_no_network(sound: tuple[Report, str, Read]) -> None:
    _, html, found = sound
    assert found.attributes("src") == []
    assert all(link.startswith("#") for link in found.attributes("href"))
    assert {tag for tag, _ in found.elements} & {"link", "iframe", "img", "object", "base"} == set()
    style = html[html.index("<style>") : html.index("</style>")]
    assert not re.search(r"url\(|@import", style)
    policy = next(a["content"] for tag, a in found.elements if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none';")
    assert "http" not in policy
    assert "eval" not in policy


def test_the_page_can_be_found_one_s_way_in(sound: tuple[Report, str, Read]) -> None:
    _, html, found = sound
    assert '<html lang="en">' in html
    assert "width=device-width" in html
    assert [tag for tag, _ in found.elements if tag == "h1"] == ["h1"]
    ids = found.attributes("id")
    assert len(ids) == len(set(ids))
    assert {link.removeprefix("#") for link in found.attributes("href")} <= set(ids)
    assert set(found.attributes("aria-labelledby")) <= set(ids)
    assert all(a.get("aria-labelledby") or a.get("aria-label") for tag, a in found.elements if tag == "table")


def test_problems_come_first_and_what_is_missing_stands_out(refused: tuple[Report, str, Read]) -> None:
    made, html, found = refused
    assert len(made.problems) >= 2
    assert f"{len(made.problems)} problems" in found.text
    for problem in made.problems:
        assert f"{problem.path}: {problem.value} {problem.rule}." in found.text
        assert found.text.index(problem.rule) < found.text.index("What each LUN has")
    assert 'class="number bad"' in html
    assert "that is declared suffices" not in found.text


def test_a_platform_without_problems_is_said_to_suffice(sound: tuple[Report, str, Read]) -> None:
    html = page(sound[0].model_copy(update={"problems": ()}))
    assert read(html).text.count("that is declared suffices") == 1
    assert "verdict bad" not in html


def test_without_scenarios_there_is_no_part_for_them() -> None:
    html = page(report({"scenarios": {}}))
    assert "scenarios-part" not in html
    assert "compared" not in read(html).scripts["charts"]


def test_scenarios_that_the_sizes_are_for_are_named() -> None:
    html = page(report().model_copy(update={"scenarios": ("more", "keep")}))
    assert "Under the scenarios more and keep." in read(html).text


def test_any_name_is_only_a_name(sound: tuple[Report, str, Read]) -> None:
    names = ["</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><b>', "&amp;", "<!--", "数据"]
    scenarios = {f"s{at}": {"messages_factor": 2, "title": name} for at, name in enumerate(names)}
    made = report({"storage.luns.all.datastore": names[0], "scenarios": scenarios})
    found = read(page(made))
    assert found.scripts["data"] == json.loads(json.dumps(with_shares(made.model_dump(mode="json"))))
    assert sorted({tag for tag, _ in found.elements}) == sorted({tag for tag, _ in sound[2].elements})
    assert [tag for tag, _ in found.elements].count("script") == 4
    assert found.tables["datastores"][1][0] == names[0]
    assert [row[0] for row in found.tables["scenarios"][1:]] == ["as described", *names]


def test_the_same_report_gives_the_same_bytes() -> None:
    assert page(report()) == page(report())


def test_the_page_s_tables_are_those_of_the_files(sound: tuple[Report, str, Read]) -> None:
    made, _, found = sound
    for table in tables.tables(made):
        if table.name in found.tables:
            shown = [tuple(row[at] for at in table.told) for row in table.rows]
            assert [tuple("–" if cell is None else cell for cell in row) for row in shown] == [
                tuple(r) for r in found.tables[table.name][1:]
            ]


def test_the_page_begins_with_what_was_judged() -> None:
    text = " ".join(read(page(report().model_copy(update={"problems": ()}))).text.split())
    assert "Sizes of campus As planned, every disk, LUN and scanner that is declared suffices. Sized for " in text
    assert "messages a day in 3 years" in text
    assert ": all that the sizes are for. As of 24 November 2026. Scanners keep up: " in text
    assert "Months are counted from 24 November 2026." in text


def test_a_risk_that_the_stack_does_not_state_is_said_to_be_of_defaults(sound: tuple[Report, str, Read]) -> None:
    told = "The stack states no risk of its own"
    assert [told in page(sound[0].model_copy(update={"risk_stated": stated})) for stated in (True, False)] == [False, True]


def test_many_servers_that_are_alike_are_told_once_and_all_in_the_table() -> None:
    scanners = {f"scanner-{at}": {"address": f"192.0.2.{40 + at}", "lun": "all"} for at in range(1, 31)}
    made = report({"gateway.scanners": scanners})
    html = page(made)
    assert html.count("scanner-1/queue and 29 more like it") == 2  # what it needs, and how sure
    assert html.count("scanner-1 and 29 more like it") == 1
    assert "too much for scanner-1 (4), scanner-10 (4), scanner-11 (4), scanner-12 (4), 26 more." in read(html).text
    assert {row[0] for row in read(html).tables["disks"]} >= {f"{name}/queue" for name in scanners}
    assert 'class="scroll long"' in html


def test_next_to_nothing_is_not_told_as_nothing(sound: tuple[Report, str, Read]) -> None:
    made = sound[0]
    needs = [need.model_copy(update={"fill_probability": p}) for need, p in zip(made.risk.disks, (0.0, 0.0004, 0.0006), strict=False)]
    html = page(made.model_copy(update={"risk": made.risk.model_copy(update={"disks": tuple(needs)})}))
    assert '<data value="0.0">0.0%</data>' in html
    assert '<data value="0.0004">&lt; 0.1%</data>' in html
    assert '<data value="0.0006">0.1%</data>' in html
