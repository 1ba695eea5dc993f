"""What pydantic finds, as a person is told it: a path that the file shows, a rule, and what to write."""

from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from config.base import Model
from config.explain import meaning, problems
from config.types import Count, Flag, Name, Text


class Colour(StrEnum):
    """A colour."""

    RED = "red"
    BLUE = "blue"


class Wheel(Model):
    """A wheel, round.

    It turns.
    """

    kind: Literal["wheel"]
    spokes: Annotated[Count, Field(ge=3, le=99)]
    """HTTP is no word to begin small."""


class Skid(Model):
    """IETF skid."""

    kind: Literal["skid"]


class Cart(Model):
    """A cart."""

    on: Annotated[Wheel | Skid, Field(discriminator="kind")]
    colour: Colour
    """The colour it has."""
    owners: Annotated[list[Text], Field(min_length=1)]
    spare: Wheel | None
    by_name: dict[Name, Wheel]
    painted: dict[Colour, Flag]
    new: Flag
    spares: dict[Name, Annotated[Wheel | Skid, Field(discriminator="kind")]] = {}
    plate: Annotated[str, Field(pattern="[a-z]+")] = "x"


GOOD: dict[str, Any] = {
    "on": {"kind": "skid"}, "colour": "red", "owners": ["me"], "spare": None, "by_name": {"a": {"kind": "wheel", "spokes": 8}},
    "painted": {"red": True}, "new": True,
}  # fmt: skip


def told(**values: Any) -> list[str]:
    """What is said of a cart with other values; `...` leaves the key out."""
    cart = {key: value for key, value in {**GOOD, **values}.items() if value is not ...}
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Cart).validate_python(cart)
    return [str(problem) for problem in problems(caught.value, Cart, "cart")]


@pytest.mark.parametrize(("values", "message"), [
    ({"colours": 1}, "cart.colours: colours is not a known key; write colour"),
    ({"": 1}, "cart.'': '' is not a known key; use one of: by_name, colour, new, on, owners, painted, plate, spare, spares"),
    ({"a\nb": 1}, "cart.a\\nb: a\\nb is not a known key; use one of: by_name, colour, new, on, owners, painted, plate, spare, spares"),
    ({"colour": ...}, "cart.colour: nothing is given; add this key: the colour it has; one of red, blue"),
    ({"on": ...}, "cart.on: nothing is given; add this key: a mapping of kind wheel, skid"),
    ({"spare": ...}, "cart.spare: nothing is given; add this key: a wheel, round"),
    ({"by_name": ...}, "cart.by_name: nothing is given; add this key: by name, a wheel, round"),
    ({"new": ...}, "cart.new: nothing is given; add this key: a value"),
    ({"on": {}}, "cart.on.kind: nothing is given; add this key: one of wheel, skid"),
    ({"on": {"kind": "skids"}}, "cart.on.kind: skids is not a known kind; write skid"),
    ({"on": {"kind": "boat"}}, "cart.on.kind: boat is not a known kind; use one of: skid, wheel"),
    ({"on": 5}, "cart.on: 5 is not a mapping; write indented keys below it"),
    ({"on": None}, "cart.on: nothing is written here; write indented keys below it"),
    ({"on": {"kind": "wheel"}}, "cart.on.spokes: nothing is given; add this key: HTTP is no word to begin small"),
    ({"on": {"kind": "wheel", "spokes": 2}}, "cart.on.spokes: 2 is too small; write 3 or more"),
    ({"on": {"kind": "wheel", "spokes": 100}}, "cart.on.spokes: 100 is too large; write 99 or less"),
    ({"on": {"kind": "wheel", "spokes": 8, "spoke": 1}}, "cart.on.spoke: spoke is not a known key; write spokes"),
    ({"colour": "green"}, "cart.colour: green is not one of the choices; write red or blue"),
    ({"colour": None}, "cart.colour: nothing is written here; write red or blue"),
    ({"owners": []}, "cart.owners: an empty list has too few entries; give at least 1"),
    ({"owners": "me"}, "cart.owners: me is not a list; write its entries as a list"),
    ({"owners": ["me", 5]}, "cart.owners.1: 5 is not text; write text, in quotes if it looks like a number"),
    ({"spare": []}, "cart.spare: an empty list is not a mapping; write indented keys below it"),
    ({"by_name": {"A": GOOD["by_name"]["a"]}},
     "cart.by_name.A: A is not a name of lower-case letters, digits and inner hyphens, 1 to 63 long; write for example scanner-1"),
    ({"by_name": {"a": {"kind": "wheel", "spokes": None}}},
     "cart.by_name.a.spokes: nothing is written here; write a bare number without quotes or unit"),
    ({"by_name": 1}, "cart.by_name: 1 is not a mapping; write indented keys below it"),
    ({"painted": {"green": True}}, "cart.painted.green: green is not one of the choices; write red or blue"),
    ({"spares": {"a": {"kind": "wheel", "spokes": 2}}}, "cart.spares.a.spokes: 2 is too small; write 3 or more"),
    ({"plate": "5"}, "cart.plate: 5 can't stand (String should match pattern '[a-z]+'); write another value"),
    ({"new": "yes"}, "cart.new: yes is neither true nor false; write true or false"),
])  # fmt: skip
def test_message(values: dict[str, Any], message: str) -> None:
    assert told(**values) == [message]


def test_kind_can_not_be_another_in_a_model_of_its_own() -> None:
    assert told(spare={"kind": "skid", "spokes": 8}) == ["cart.spare.kind: skid is not one of the choices; write wheel"]


def test_all_problems_are_told() -> None:
    assert len(told(colour="green", owners=5, new=..., on={"kind": "wheel", "spokes": 2, "x": 1})) == 5


def test_meaning_stays_on_one_line() -> None:
    assert all("\n" not in meaning(field) for field in Cart.model_fields.values())
