"""How long risk takes: 100,000 scenarios of the campus over 60 months, which should be a second at most on an idle machine of two cores.

    python benchmarks/risk.py
    python benchmarks/risk.py --stack demo --months 360

The first run is not counted: it loads numpy. Of the others each is shown and the median counts. After each comes a reference, numpy drawing
as many normal numbers on one processor as there are scenarios and months: the ratio of the two medians hardly depends on the machine, nor
on what else it does.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from config import load, locate  # noqa: E402 - run as a file too
from config.risk import RiskTarget  # noqa: E402
from sizing.risk import risk  # noqa: E402


def main() -> None:
    """Time a few runs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stack", default="campus")
    parser.add_argument("--scenarios", type=int, default=100_000)
    parser.add_argument("--months", type=int, default=60)
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    target = RiskTarget(scenarios=options.scenarios, horizon_months=options.months)
    platform = load(locate(options.stack)).model_copy(update={"risk": target})
    risk(platform)
    rng, taken, reference = np.random.default_rng(1), [], []
    for _ in range(options.runs):
        taken.append(_timed(lambda: risk(platform)))
        reference.append(_timed(lambda: rng.standard_normal((options.months, options.scenarios))))
        print(f"{taken[-1][0]:.2f} s, of processors {taken[-1][1]:.2f} s; reference {reference[-1][0]:.2f} s")
    clock, processors = (median(column) for column in zip(*taken, strict=True))
    print(f"{options.stack}, {options.scenarios:,} scenarios × {options.months} months: {clock:.2f} s, of processors {processors:.2f} s")
    print(f"of processors {processors / median(column[1] for column in reference):.1f} × the reference")


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds, and seconds of all processors together."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - processor


if __name__ == "__main__":
    main()
