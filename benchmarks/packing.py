"""How many hard instances placement solves, and how long 1,000 VMs take to be given a host: the figures of docs/placement.md.

Run it from the repository's folder: `.venv/bin/python -m benchmarks.packing`. Counts are the same every time;
seconds, of processor time, are the machine's.
"""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from rich.console import Console

from plan.bins import Bin, Item, load
from plan.packing import greedy, pack

INSTANCES = 24  # seeds, from 0
LUNS = 5  # of each instance
SPARE_GIB = 2.0  # GiB; at most, on a LUN that is filled as it was built
HOSTS, MEMORY_GIB = 40, 256  # of the cluster for 1,000 VMs
T = TypeVar("T")


def hard(seed: int) -> tuple[list[Item], list[Bin]]:
    """Servers that are all different, and LUNs that hold them in one way at least with hardly a GiB to spare."""
    r = random.Random(seed)  # noqa: S311 - not for secrets
    items: list[Item] = []
    bins = []
    for lun in range(LUNS):
        mine = [Item(f"vm-{lun}-{n}", r.uniform(20, 120), r.uniform(3, 18)) for n in range(r.randint(3, 5))]
        bins.append(Bin(f"lun-{lun}", load(mine, 1) + r.uniform(0, SPARE_GIB)))
        items += mine
    return items, bins


def thousand() -> tuple[list[Item], list[Bin]]:
    """A platform's 1,000 VMs by memory, and the hosts for them: 30 scanners, 30 MTAs, 20 balancers, the rest mailbox servers."""
    r = random.Random(0)  # noqa: S311 - not for secrets
    roles = {"scanner": 30, "mta": 30, "balancer": 20}
    items = [Item(f"{role}-{n}", 4, roles=frozenset({role})) for role, members in roles.items() for n in range(members)]
    items += [Item(f"mailbox-{n}", r.choice([4, 6, 8, 10]), groups=frozenset({"mailbox"})) for n in range(1000 - len(items))]
    return items, [Bin(f"esx-{n:02}", MEMORY_GIB) for n in range(HOSTS)]


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """What it returns, and the seconds of processor time that it took: other work on the machine counts less."""
    start = time.process_time()
    return work(), time.process_time() - start


def main() -> None:
    """Print the figures."""
    out, quick, solved, took = Console(), 0, 0, []
    for seed in range(INSTANCES):
        items, bins = hard(seed)
        first = greedy(items, bins, 1)
        found, seconds = timed(lambda items=items, bins=bins: pack(items, bins, 1))  # type: ignore[misc]
        quick += first is not None and not first.missing_gib
        solved += found is not None and not found.missing_gib
        took.append(seconds)
    mean = sum(took) / len(took)
    out.print(f"{INSTANCES} hard instances: quick way {quick}, with the program {solved}; {mean:.1f} s each, {max(took):.1f} s at most")
    items, bins = thousand()
    found, seconds = timed(lambda: pack(items, bins, apart=True))
    out.print(f"1,000 VMs on {HOSTS} hosts: {seconds:.1f} s, {'all placed' if found and not found.missing_gib else 'not all placed'}")


if __name__ == "__main__":
    main()
