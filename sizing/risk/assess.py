"""From a platform to its risk: draw scenarios block by block, keep each need's peaks, and read the answers off."""

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from pydantic import ValidationError

from config.explain import problems
from config.platform import Platform
from config.problems import Refused
from config.risk import RiskTarget
from sizing import disks
from sizing.growth import grown
from sizing.model import DiskNeed, Key
from sizing.risk import inputs, lines, statistics, stores
from sizing.risk.deltas import Snapshots
from sizing.risk.draws import Floats, draw
from sizing.risk.futures import Futures
from sizing.risk.inputs import OF_DATASTORES, OF_DISKS
from sizing.risk.model import Answer, Input, NeedAtRisk, Risk
from sizing.risk.peaks import Followed, Peaks
from sizing.risk.statistics import Bins

Seed = tuple[np.random.SeedSequence, int]
"""A block of scenarios: its random numbers, and how many scenarios it has."""

_BLOCK = 4_096  # scenarios drawn at a time, few enough that a block's arrays stay in a processor's cache


def risk(platform: Platform, quantile: float | None = None) -> Risk:
    """The need of every disk and datastore at a quantile, by default the stack's own; a stack without `risk` has its defaults.

    Raises:
        Refused: if the quantile can't be computed.
    """
    return _answer(platform, _target(platform, quantile), {})


def as_asked(platform: Platform, answer: Risk) -> Risk:
    """What becomes of a risk of the platform once its disks that are too small at it are as large as they are asked to be."""
    more = asked(answer)
    return _answer(platform, _target(platform, answer.quantile), more) if more else answer


def asked(answer: Risk) -> dict[Key, int]:
    """How large each disk is asked to be that is too small at a risk, GiB, by its server and label."""
    return {_key(need): need.smallest_gib for need in answer.disks if need.provisioned_gib < need.need_gib}


def _key(need: NeedAtRisk) -> Key:
    vm, _, label = need.name.partition(" ")
    return vm, label


def _answer(platform: Platform, target: RiskTarget, asked_gib: Mapping[Key, int]) -> Risk:
    run = _Run(platform, target, asked_gib)
    with ThreadPoolExecutor(os.cpu_count()) as threads:  # numpy lets go of the interpreter; blocks come back in their order
        for block in threads.map(run.follow, run.seeds()):
            run.add(*block)
        return run.result(threads)


def _target(platform: Platform, quantile: float | None) -> RiskTarget:
    target = platform.risk or RiskTarget()
    if quantile is None:
        return target
    try:
        return RiskTarget.model_validate({**target.model_dump(), "quantile": quantile})
    except ValidationError as error:
        raise Refused(problems(error, RiskTarget, "risk")) from None


class _Run:
    """One run over all scenarios."""

    def __init__(self, platform: Platform, target: RiskTarget, asked_gib: Mapping[Key, int]) -> None:
        self._platform, self._target = platform, target
        months = target.horizon_months or 12 * max(1, platform.flow.planning_years)
        self._ends = [*range(12, months, 12), months]
        self._needs = disks.of(platform, grown(platform.flow), asked_gib)
        self._vms = sorted({need.vm for need in self._needs})
        self._today = grown(platform.flow.model_copy(update={"planning_years": 0}))
        self._lines = lines.of(platform, self._needs)
        self._stores = stores.of(platform, self._needs, self._lines)
        self._drawn: list[inputs.Drawn] = []
        self._disks = {self._alike(need): Peaks(need.gib, self._ends) for need in self._needs}
        self._datastores = [Peaks(store.room_gib, self._ends) for store in self._stores]

    def seeds(self) -> list[Seed]:
        """The blocks of scenarios; each has random numbers of its own, so that no block depends on another."""
        sizes = [min(_BLOCK, self._target.scenarios - first) for first in range(0, self._target.scenarios, _BLOCK)]
        return list(zip(np.random.SeedSequence(self._target.seed).spawn(len(sizes)), sizes, strict=True))

    def follow(self, seed: Seed) -> tuple[inputs.Drawn, list[Followed]]:
        """Every need in one block of scenarios, disks before datastores."""
        rng, flow = np.random.Generator(np.random.SFC64(seed[0])), self._platform.flow
        plan = flow.growth_per_year, flow.busy_hour_share
        draws = draw(rng, self._target.inputs, plan, self._vms, (self._ends[-1], seed[1]))
        futures = Futures(self._today, self._target.inputs, draws, self._ends)
        snapshots = Snapshots(self._platform, (vm for store in self._stores for vm in store.vms), futures)
        found = [peaks.of(futures.held(line)) for (line, _), peaks in self._disks.items()]
        for store, peaks in zip(self._stores, self._datastores, strict=True):
            found.append(stores.followed(store, self._platform.snapshots, snapshots, futures, peaks))
        return inputs.of(draws), found

    def add(self, drawn: inputs.Drawn, found: list[Followed]) -> None:
        """The next block."""
        self._drawn.append(drawn)
        for peaks, block in zip((*self._disks.values(), *self._datastores), found, strict=True):
            peaks.add(block)

    def result(self, threads: ThreadPoolExecutor) -> Risk:
        """The answers, when every block was followed."""
        filled = np.any([peaks.filled_in > 0 for peaks in (*self._disks.values(), *self._datastores)], axis=0)
        bins = inputs.bins(self._drawn, threads)
        disks_ = threads.map(lambda peaks: self._answer(peaks.gib, peaks, {of: bins[of] for of in OF_DISKS}), self._disks.values())
        datastores = threads.map(lambda store, peaks: self._datastore(store, peaks, bins), self._stores, self._datastores)
        return Risk(
            quantile=self._target.quantile,
            horizon_months=self._ends[-1],
            scenarios=self._target.scenarios,
            seed=self._target.seed,
            fill_probability=float(filled.mean()),
            disks=tuple(self._disk_answers(dict(zip(self._disks, disks_, strict=True)))),
            datastores=tuple(datastores),
        )

    def _alike(self, need: DiskNeed) -> tuple[lines.DiskLine, int]:
        """What two disks share that hold the same and are as large: they are followed once."""
        return self._lines[need.vm, need.label], need.gib

    def _disk_answers(self, answers: Mapping[tuple[lines.DiskLine, int], Answer]) -> Iterator[NeedAtRisk]:
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

    def _datastore(self, store: stores.Store, peaks: Peaks, bins: Mapping[Input, Bins]) -> NeedAtRisk:
        needed = {of: bins[of] for of in OF_DATASTORES}
        if store.vms:
            needed[Input.FORGOTTEN_SNAPSHOT] = inputs.forgotten_bins(self._drawn, [vm.name for vm in store.vms])
        answer = self._answer(peaks.gib, peaks, needed, lambda gib: stores.lun(self._platform, store, gib))
        return NeedAtRisk(
            name=store.planned.name,
            path=f"storage.luns.{store.planned.lun}.{'physical_gib' if store.thin else 'size_gib'}",
            planned_gib=store.planned.need_gib,
            provisioned_gib=store.usable_gib,
            declared=True,
            lun_gib=store.planned.declared_gib,
            **dict(answer.model_copy(update={"granularity_gib": 1 if store.thin else self._platform.storage.granularity_gib})),
        )

    def _answer(
        self, needs: Floats, peaks: Peaks, bins: Mapping[Input, Bins], told: Callable[[Floats], Floats] = lambda gib: gib
    ) -> Answer:
        """The answers for one need; `needs` are its peaks until the end of each year, told as a LUN where they are a datastore's."""
        filled_in = peaks.filled_in
        filled = statistics.share(int(np.count_nonzero(filled_in)), filled_in.size)
        return Answer(
            fill_probability=filled.value,
            fill_error=filled.error,
            months_left=statistics.months_left(filled_in, self._target.quantile),
            months_until_full=statistics.months_until_full(filled_in),
            years=statistics.years(needs, self._ends, self._target.quantile, told),
            sensitivity=statistics.sensitivity(told(needs[-1]), bins),
        )
