"""One number a scenario for each input, so that needs can be compared with it: of events, the largest of the scenario."""

from collections.abc import Iterable, Sequence

import numpy as np

from sizing.risk.draws import Draws, Events, Floats, Ints
from sizing.risk.model import Input

OF_DISKS = (Input.GROWTH, Input.BUSY_HOUR, Input.MESSAGE_SIZE, Input.OUTAGE, Input.SPAM_STORM)
"""What a disk's need depends on."""
OF_DATASTORES = (Input.GROWTH, Input.SPAM_STORM, Input.WRITE_RATE)
"""What a datastore's need depends on beside its own forgotten snapshots; mail matters to the log archive, which logs are written to."""


class Drawn:
    """The inputs of all scenarios, block after block."""

    def __init__(self, vms: Iterable[str]) -> None:
        self._values: dict[Input, list[Floats]] = {of: [] for of in Input if of is not Input.FORGOTTEN_SNAPSHOT}
        self._forgotten: dict[str, list[Floats]] = {vm: [] for vm in vms}

    def add(self, draws: Draws) -> None:
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
        for of, value in values.items():
            self._values[of].append(value)
        for vm, events in draws.forgotten.items():
            self._forgotten[vm].append(_largest(events, scenarios))

    def orders(self) -> dict[Input, Ints]:
        """The scenarios in ascending order of each input that is the same for all servers."""
        return {of: np.argsort(np.concatenate(blocks), kind="stable") for of, blocks in self._values.items()}

    def forgotten(self, vms: Sequence[str]) -> Ints:
        """The scenarios in ascending order of the age of the oldest forgotten snapshot of these VMs."""
        oldest = [np.concatenate(self._forgotten[vm]) for vm in vms]
        return np.argsort(np.max(oldest, axis=0), kind="stable")


def _largest(events: Events, scenarios: int) -> Floats:
    largest = np.zeros(scenarios)
    np.maximum.at(largest, events.cells % scenarios, events.size)
    return largest
