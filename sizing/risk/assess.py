"""From a platform to its risk: draw scenarios block by block, keep each need's peaks, and read the answers off."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from pydantic import ValidationError

from config.explain import problems
from config.platform import Platform
from config.problems import Refused
from config.risk import RiskTarget
from sizing import disks
from sizing.growth import grown
from sizing.model import DiskNeed
from sizing.risk import lines, statistics, stores
from sizing.risk.draws import Draws, Floats, Ints, draw
from sizing.risk.futures import Futures
from sizing.risk.inputs import OF_DATASTORES, OF_DISKS, Drawn
from sizing.risk.model import Answer, Input, NeedAtRisk, Risk
from sizing.risk.peaks import Peaks

_BLOCK = 2_048  # scenarios drawn at a time, few enough that a block's arrays stay in a processor's cache


def risk(platform: Platform, quantile: float | None = None) -> Risk:
    """The need of every disk and datastore at a quantile, by default the stack's own; a stack without `risk` has its defaults.

    Raises:
        Refused: if the quantile can't be computed.
    """
    target = _target(platform, quantile)
    run = _Run(platform, target)
    for draws in _blocks(platform, target, run.vms, run.ends[-1]):
        run.follow(draws)
    return run.result()


def _target(platform: Platform, quantile: float | None) -> RiskTarget:
    target = platform.risk or RiskTarget()
    if quantile is None:
        return target
    try:
        return RiskTarget.model_validate({**target.model_dump(), "quantile": quantile})
    except ValidationError as error:
        raise Refused(problems(error, RiskTarget, "risk")) from None


def _blocks(platform: Platform, target: RiskTarget, vms: Sequence[str], months: int) -> Iterator[Draws]:
    """All scenarios; each block has random numbers of its own, so that no block depends on another."""
    plan = platform.flow.growth_per_year, platform.flow.busy_hour_share
    sizes = [min(_BLOCK, target.scenarios - first) for first in range(0, target.scenarios, _BLOCK)]
    for seed, scenarios in zip(np.random.SeedSequence(target.seed).spawn(len(sizes)), sizes, strict=True):
        yield draw(np.random.Generator(np.random.SFC64(seed)), target.inputs, plan, vms, (months, scenarios))


class _Run:
    """One run over all scenarios."""

    def __init__(self, platform: Platform, target: RiskTarget) -> None:
        self._platform, self._target = platform, target
        months = target.horizon_months or 12 * max(1, platform.flow.planning_years)
        self.ends = [*range(12, months, 12), months]
        self._needs = disks.of(platform, grown(platform.flow))
        self.vms = sorted({need.vm for need in self._needs})
        self._today = grown(platform.flow.model_copy(update={"planning_years": 0}))
        self._lines = lines.of(platform, self._needs, target.inputs.storm_days)
        self._stores = stores.of(platform, self._needs)
        self._drawn = Drawn(self.vms)
        self._disks = {self._alike(need): Peaks(need.gib, self.ends) for need in self._needs}
        self._datastores = [Peaks(store.room_gib, self.ends) for store in self._stores]

    def follow(self, draws: Draws) -> None:
        """Every need in one block of scenarios."""
        futures = Futures(self._today, self._target.inputs.storm_days, draws, self.ends[-1])
        self._drawn.add(draws)
        for (line, _), peaks in self._disks.items():
            peaks.add(futures.held(line))
        written = {key: futures.written(line.written) for key, line in self._lines.items()}
        for store, peaks in zip(self._stores, self._datastores, strict=True):
            peaks.add(stores.held(self._platform, store, futures, written))

    def result(self) -> Risk:
        """The answers, when every block was followed."""
        filled = np.any([peaks.filled_in > 0 for peaks in (*self._disks.values(), *self._datastores)], axis=0)
        orders = self._drawn.orders()
        return Risk(
            quantile=self._target.quantile,
            horizon_months=self.ends[-1],
            scenarios=self._target.scenarios,
            seed=self._target.seed,
            fill_probability=float(filled.mean()),
            disks=tuple(self._disk_answers({of: orders[of] for of in OF_DISKS})),
            datastores=tuple(self._datastore_answers({of: orders[of] for of in OF_DATASTORES})),
        )

    def _alike(self, need: DiskNeed) -> tuple[lines.DiskLine, int]:
        """What two disks share that hold the same and are as large: they are followed once."""
        return self._lines[need.vm, need.label], need.gib

    def _disk_answers(self, orders: Mapping[Input, Ints]) -> Iterator[NeedAtRisk]:
        answers = {alike: self._answer(peaks.gib, peaks, orders) for alike, peaks in self._disks.items()}
        paths = {server.name: server.path for server in self._platform.servers}
        for need in self._needs:
            yield NeedAtRisk(
                name=f"{need.vm} {need.label}",
                path=f"{paths[need.vm]}.disks_gib.{need.label}",
                planned_gib=need.need_gib,
                provisioned_gib=need.gib,
                declared=need.declared_gib is not None,
                **dict(answers[self._alike(need)]),
            )

    def _datastore_answers(self, orders: Mapping[Input, Ints]) -> Iterator[NeedAtRisk]:
        for store, peaks in zip(self._stores, self._datastores, strict=True):
            forgotten = {Input.FORGOTTEN_SNAPSHOT: self._drawn.forgotten([vm.name for vm in store.vms])} if store.vms else {}
            yield NeedAtRisk(
                name=store.planned.name,
                path=f"storage.luns.{store.planned.lun}.size_gib",
                planned_gib=store.planned.need_gib,
                provisioned_gib=store.usable_gib,
                declared=True,
                **dict(self._answer(stores.lun(self._platform, peaks.gib), peaks, {**orders, **forgotten})),
            )

    def _answer(self, needs: Floats, peaks: Peaks, orders: Mapping[Input, Ints]) -> Answer:
        """The answers for one need; `needs` are its peaks until the end of each year."""
        filled_in = peaks.filled_in
        filled = statistics.share(int(np.count_nonzero(filled_in)), filled_in.size)
        return Answer(
            fill_probability=filled.value,
            fill_error=filled.error,
            months_left=statistics.months_left(filled_in, self._target.quantile),
            months_until_full=statistics.months_until_full(filled_in),
            years=statistics.years(needs, self.ends, self._target.quantile),
            sensitivity=statistics.sensitivity(needs[-1], orders),
        )
