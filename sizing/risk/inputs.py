"""One number a scenario for each input, so that needs can be compared with it: of events, the largest of the scenario."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from sizing.risk.draws import Draws, Events, Floats
from sizing.risk.model import Input
from sizing.risk.statistics import Bins, binned

OF_DISKS = (Input.GROWTH, Input.BUSY_HOUR, Input.MESSAGE_SIZE, Input.OUTAGE, Input.SPAM_STORM)
"""What a disk's need depends on."""
OF_DATASTORES = (Input.GROWTH, Input.BUSY_HOUR, Input.MESSAGE_SIZE, Input.SPAM_STORM, Input.WRITE_RATE)
"""What a datastore's need depends on beside its own forgotten snapshots: what is written to its disks, and how much of it in few hours; \
what an outage holds up has been written when it came."""


class Drawn(NamedTuple):
    """The inputs of the scenarios."""

    values: dict[Input, Floats]
    """Those that are the same for all servers."""
    forgotten: dict[str, Floats]
    """Age of the oldest forgotten snapshot, by VM."""


def of(draws: Draws) -> Drawn:
    """The inputs of a block."""
    scenarios = draws.growth.size
    values = {
        Input.GROWTH: draws.growth,
        Input.BUSY_HOUR: draws.busy_hour_share,
        Input.MESSAGE_SIZE: draws.message_size,
        Input.WRITE_RATE: draws.write_rate,
        Input.OUTAGE: _largest(draws.outages, scenarios),
        Input.SPAM_STORM: _largest(draws.storms, scenarios),
    }
    return Drawn(values, {vm: _largest(events, scenarios) for vm, events in draws.forgotten.items()})


def bins(blocks: Sequence[Drawn], threads: ThreadPoolExecutor) -> dict[Input, Bins]:
    """The scenarios of all blocks, put into bins by each input that is the same for all servers."""

    def of_input(of: Input) -> Bins:
        return binned(np.concatenate([block.values[of] for block in blocks]))

    return dict(zip(blocks[0].values, threads.map(of_input, blocks[0].values), strict=True))


def forgotten_bins(blocks: Sequence[Drawn], vms: Sequence[str]) -> Bins:
    """The scenarios of all blocks, put into bins by the age of the oldest forgotten snapshot of these VMs."""
    oldest = [np.concatenate([block.forgotten[vm] for block in blocks]) for vm in vms]
    return binned(np.max(oldest, axis=0))


def _largest(events: Events, scenarios: int) -> Floats:
    largest = np.zeros(scenarios)
    np.maximum.at(largest, events.cells % scenarios, events.size)
    return largest
