"""Versions: read from any text, pinned in one place, and compared so that an older tool is never taken."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools import versions

NUMBER = st.integers(0, 999)
VERSION = st.tuples(NUMBER, NUMBER, NUMBER)
ROOT = Path(__file__).parents[2]


def text(version: tuple[int, int, int]) -> str:
    return ".".join(map(str, version))


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("v3.259.0", (3, 259, 0)),
        ("go1.26", (1, 26, 0)),
        ("HAProxy version 2.6.12-1+deb12u4 2026/10/17", (2, 6, 12)),
        ("resource-vsphere-v4.18.2", (4, 18, 2)),
        ("unknown", None),
        ("", None),
    ],
)
def test_a_version_is_read_from_what_a_program_says(said: str, version: versions.Version | None) -> None:
    assert versions.parse(said) == version


def test_a_text_without_a_version_is_refused_where_one_must_be() -> None:
    with pytest.raises(ValueError, match="no version in 'devel'"):
        versions.parse_exactly("devel")


@given(VERSION, VERSION)
def test_only_the_same_major_version_and_no_older_one_fits(found: versions.Version, wanted: versions.Version) -> None:
    assert versions.fits(text(found), text(wanted)) == (found[0] == wanted[0] and found >= wanted)


@given(st.text(alphabet="abc .-"), VERSION)
def test_what_tells_no_version_never_fits(said: str, wanted: versions.Version) -> None:
    assert not versions.fits(said, text(wanted))


def test_a_pin_is_the_whole_name_with_an_exact_version(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("# pulumi==1.0.0\npulumi-vsphere==4.18.2\npulumi==3.259.0\nrich\n", encoding="utf-8")
    assert versions.pin("pulumi", file) == "3.259.0"
    with pytest.raises(LookupError, match=r"requirements\.txt has no exact pin for rich"):
        versions.pin("rich", file)


def test_go_mod_is_read_in_both_its_forms(tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text("module x\n\ngo 1.26.3\n\nrequire a.b/c v1.2.3\n\nrequire (\n\td.e/f v0.56.0\n)\n", encoding="utf-8")
    assert versions.go_directive(tmp_path) == "1.26.3"
    assert versions.required_module(tmp_path, "a.b/c") == "1.2.3"
    assert versions.required_module(tmp_path, "d.e/f") == "0.56.0"
    with pytest.raises(LookupError, match=r"does not require g\.h/i"):
        versions.required_module(tmp_path, "g.h/i")
    (tmp_path / "go.mod").write_text("module x\n", encoding="utf-8")
    with pytest.raises(LookupError, match="no go directive"):
        versions.go_directive(tmp_path)


@pytest.mark.hazard("H28", "engine", "exact versions, the same everywhere")
def test_python_and_go_agree_on_the_engine_and_the_provider() -> None:
    """What is built must be what the pinned Python SDK was made for."""
    pulumi = versions.pin("pulumi")
    assert versions.required_module(ROOT / "tools" / "pulumi-cli", "github.com/pulumi/pulumi/pkg/v3") == pulumi
    assert versions.required_module(ROOT / "tools" / "language-host", "github.com/pulumi/pulumi/sdk/v3") == pulumi
    provider = (ROOT / "tools" / "vsphere-provider" / "main.go").read_text(encoding="utf-8")
    assert f'const version = "{versions.pin("pulumi-vsphere")}"' in provider
