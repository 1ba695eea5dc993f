"""Whether a stack is as sure as it wants to be."""

from collections.abc import Iterator

from config.platform import Platform
from config.problems import Problem
from config.types import MAX_DISK_GIB, MAX_LUN_GIB
from sizing.risk.assess import as_asked, risk
from sizing.risk.model import NeedAtRisk, Risk


def problems(platform: Platform, answer: Risk | None = None) -> Iterator[Problem]:
    """A problem for each disk and datastore that is smaller than its need at the stack's quantile; none where it states no risk.

    What is refused has to grow, so datastores are judged with disks that are too small as large as they are asked to be.
    `answer` is what `risk` said of this platform, if it was asked before.
    """
    if platform.risk is not None:
        answer = answer or risk(platform)
        for need in (*answer.disks, *as_asked(platform, answer).datastores):
            if need.provisioned_gib < need.need_gib:
                yield _too_small(answer, need)


def _too_small(answer: Risk, need: NeedAtRisk) -> Problem:
    first = f"; measure first: {need.sensitivity[0].input}" if need.sensitivity else ""
    return Problem(
        path=need.path,
        value=f"{need.provisioned_gib:g}",
        rule=f"{'' if need.declared else '(as sized) '}fills in {need.fill_probability:.1%} of {answer.scenarios:,} scenarios within "
        f"{answer.horizon_months} months, and risk.quantile of {answer.quantile:g} allows {1 - answer.quantile:.2%}",
        remedy=_remedy(need) + first,
        enough_gib=need.smallest_gib,
    )


def _remedy(need: NeedAtRisk) -> str:
    enough = f"{need.smallest_gib} or more (± {need.error_gib:.1f} GiB)"
    if need.lun_gib is None:
        if need.smallest_gib > MAX_DISK_GIB:
            return f"spread the load over more servers: it would have to be {enough}, and no disk can be larger than {MAX_DISK_GIB} GiB"
        return f"write {enough}"
    if need.smallest_gib > MAX_LUN_GIB:
        return f"move a server to another LUN: it would have to be {enough}, and none can be larger than {MAX_LUN_GIB} GiB"
    if need.path.endswith(".size_gib"):
        return f"write {enough}"
    shows = f", and let it show as much: size_gib is {need.lun_gib:g}" if need.smallest_gib > need.lun_gib else ""
    return f"have the array keep {enough}{shows}"
