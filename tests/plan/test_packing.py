"""Things find their place: all that fits, nothing twice, roles apart, and what does not fit is said with what is missing."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import packing
from plan import exact
from plan.bins import Bin, Item, load
from plan.packing import Packing, greedy, huddled, pack

SIZES = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 20), st.sampled_from(["", "a", "b"])), min_size=1, max_size=12)
BINS = [Bin(f"bin-{n}", 150, frozenset({"fc" if n % 2 else "iscsi"})) for n in range(4)]
AT_ONCE = 2
SECONDS = 10  # of processor time for 1,000 VMs; a fiftieth of it is measured


def items(sizes: list[tuple[int, int, str]]) -> list[Item]:
    """Items of sizes and bursts, each with one role or none."""
    return [Item(f"item-{n}", size, burst, frozenset({role} - {""})) for n, (size, burst, role) in enumerate(sizes)]


def over(packing: Packing, things: list[Item], bins: list[Bin], at_once: int) -> dict[str, float]:
    """What each bin lacks, by counting what is in it."""
    held = {place.name: [*place.held, *(item for item in things if packing.places[item.name] == place.name)] for place in bins}
    lacks = {place.name: load(held[place.name], at_once) - place.room_gib for place in bins}
    return {name: lack for name, lack in lacks.items() if lack > 1e-6}


@given(sizes=SIZES)
@settings(max_examples=60, deadline=None)
def test_every_item_has_a_place_and_what_is_missing_is_what_is_counted(sizes: list[tuple[int, int, str]]) -> None:
    things = items(sizes)
    packing = pack(things, BINS, AT_ONCE)
    assert packing is not None
    assert packing.places.keys() == {item.name for item in things}
    assert over(packing, things, BINS, AT_ONCE) == pytest.approx(packing.missing_gib)
    assert packing == pack(things[::-1], BINS, AT_ONCE), "the order of items is of no account"


FULL = [
    Item(f"{bin_}-{n}", size, size / 10) for bin_, sizes in enumerate([(70, 50), (60, 60), (40, 40, 40)]) for n, size in enumerate(sizes)
]
TIGHT = [Bin(f"bin-{n}", load(FULL[at:to], 1)) for n, (at, to) in enumerate([(0, 2), (2, 4), (4, 7)])]


def test_what_fits_to_the_last_gib_is_found_where_the_quick_way_fails() -> None:
    quick, found = greedy(FULL, TIGHT, 1), pack(FULL, TIGHT, 1)
    assert quick is not None
    assert quick.missing_gib != {}
    assert found == Packing(found.places if found else {}, {})
    assert over(found, FULL, TIGHT, 1) == {}


def test_a_gib_less_does_not_fit_and_that_is_proven() -> None:
    smaller = [TIGHT[0], TIGHT[1], TIGHT[2]._replace(room_gib=TIGHT[2].room_gib - 1)]
    found = pack(FULL, smaller, 1)
    assert found is not None
    assert found.missing_gib != {}
    assert found.proven


def test_a_search_that_ends_early_proves_nothing() -> None:
    r = random.Random(3)  # noqa: S311 - not for secrets
    things = [Item(f"item-{n}", r.randint(20, 120), r.randint(3, 18)) for n in range(18)]
    bins = [Bin(f"bin-{n}", sum(item.size_gib for item in things) / 4 + 15) for n in range(4)]
    assert exact.search(things, bins, 1, apart=False, nodes=0).proven is False


@pytest.mark.parametrize("largest_burst", [10, 40])
def test_only_the_largest_bursts_take_room_at_once(largest_burst: int) -> None:
    things = [Item("a", 10, largest_burst), Item("b", 10, 10), Item("c", 10, 10)]
    place = [Bin("one", 30 + largest_burst)]
    assert pack(things, place, 1) == Packing({"a": "one", "b": "one", "c": "one"}, {})
    found = exact.search(things, place, 1, apart=False)
    assert found == exact.Found({"a": "one", "b": "one", "c": "one"}, proven=True)
    less = pack(things, [Bin("one", 29.9 + largest_burst)], 1)
    assert less is not None
    assert less.missing_gib == pytest.approx({"one": 0.1})


def test_members_of_a_role_part_over_what_bins_are_lost_with_and_then_over_bins() -> None:
    things = [Item(f"scanner-{n}", 10, 1, frozenset({"scanner"})) for n in range(4)]
    found = pack(things, BINS, AT_ONCE)
    assert found is not None
    assert sorted(found.places.values()) == ["bin-0", "bin-1", "bin-2", "bin-3"]
    assert huddled(found.places, things, BINS) == []
    assert huddled(dict.fromkeys(found.places, "bin-0"), things, BINS) == ["scanner"]


def test_a_pair_parts_also_where_the_quick_way_would_leave_it_together() -> None:
    """The large one takes the room on iSCSI that only a small pair could use."""
    pair = frozenset({"balancer"})
    things = [Item("mailbox", 30), Item("balancer-1", 20, roles=pair), Item("balancer-2", 20, roles=pair)]
    bins = [Bin("fc", 100, frozenset({"fc"}), (Item("held", 45),)), Bin("iscsi", 45, frozenset({"iscsi"}))]
    quick, found = greedy(things, bins), pack(things, bins)
    assert quick is not None
    assert found is not None
    assert huddled(quick.places, things, bins) == ["balancer"]
    assert huddled(found.places, things, bins) == []
    assert found.missing_gib == {}


def test_what_is_everywhere_can_not_be_parted_from() -> None:
    things = [Item(f"scanner-{n}", 10, roles=frozenset({"scanner"})) for n in range(2)]
    one_fabric = [place._replace(domains=frozenset({"fc"})) for place in BINS]
    assert huddled({"scanner-0": "bin-0", "scanner-1": "bin-1"}, things, one_fabric) == []
    assert huddled({"scanner-0": "bin-0", "scanner-1": "bin-0"}, things, one_fabric) == ["scanner"]
    assert huddled({"scanner-0": "bin-0", "scanner-1": "bin-0"}, things, one_fabric[:1]) == []


def test_apart_is_kept_or_there_is_no_packing() -> None:
    things = [Item(f"vm-{n}", 4, roles=frozenset({"scanner"})) for n in range(3)]
    hosts = [Bin(f"esx-{n}", 64) for n in range(3)]
    found = pack(things, hosts, apart=True)
    assert found is not None
    assert sorted(found.places.values()) == ["esx-0", "esx-1", "esx-2"]
    assert pack(things, hosts[:2], apart=True) is None


@given(sizes=SIZES, more=SIZES)
@settings(max_examples=40, deadline=None)
def test_what_is_placed_is_pinned_so_that_a_new_item_moves_nobody(
    sizes: list[tuple[int, int, str]], more: list[tuple[int, int, str]]
) -> None:
    things = items(sizes)
    first = pack(things, BINS, AT_ONCE)
    assert first is not None
    pinned = [place._replace(held=tuple(item for item in things if first.places[item.name] == place.name)) for place in BINS]
    new = [item._replace(name=f"new-{item.name}") for item in items(more)]
    second = pack(new, pinned, AT_ONCE)
    assert second is not None
    assert second.places.keys() == {item.name for item in new}


def test_a_thousand_vms_are_placed_in_seconds_and_one_more_moves_nobody() -> None:
    """Of the processor's time, since others may be at work; `benchmarks/packing.py` measures a few tenths."""
    vms, hosts = packing.thousand()
    found, seconds = packing.timed(lambda: pack(vms, hosts, apart=True))
    assert found == pack(vms[::-1], hosts, apart=True)
    assert found is not None
    assert (found.missing_gib, seconds < SECONDS) == ({}, True)
    held = [place._replace(held=tuple(vm for vm in vms if found.places[vm.name] == place.name)) for place in hosts]
    one_more = Item("scanner-30", 4, roles=frozenset({"scanner"}))
    again = pack([one_more], held, apart=True)
    assert again is not None
    assert again.places.keys() == {"scanner-30"}
    assert again.missing_gib == {}


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ({"b": 1.01, "a": 2}, "2 GiB on lun a, 2 GiB on lun b are missing in"),
        ({"a": 1, "b": 1, "c": 1}, "1 GiB on lun a, 1 GiB on lun b, 1 GiB on lun c are missing in"),
        ({"a": 1, "b": 1, "c": 1, "d": 9}, "1 GiB on lun c and more on 1 other are missing in"),
        ({"a": 1, "b": 1, "c": 1, "d": 9, "e": 9}, " and more on 2 others are missing in the best arrangement that was found"),
    ],
)
def test_what_is_missing_is_named_for_a_few_places(missing: dict[str, float], said: str) -> None:
    assert said in Packing({}, missing).lacks(lambda name: f"lun {name}")
    assert Packing({}, missing).doubt == ""
    assert "choose again" in Packing({}, missing, proven=False).doubt
