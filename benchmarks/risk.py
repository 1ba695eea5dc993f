"""How long risk takes: 100,000 scenarios of the campus over 60 months, which should be a second at most on an idle machine of two cores.

    python benchmarks/risk.py
    python benchmarks/risk.py --stack demo --months 360

The first run is not counted: it loads numpy. Of the others each is shown, and the best one counts, since other programs only slow it down.
"""

import argparse
import sys
import time
from pathlib import Path

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
    seconds, of_processor = [], []
    for _ in range(options.runs):
        clock, processor = time.perf_counter(), time.process_time()
        risk(platform)
        seconds.append(time.perf_counter() - clock)
        of_processor.append(time.process_time() - processor)
        print(f"{seconds[-1]:.2f} s, of processor time {of_processor[-1]:.2f} s")
    print(f"{options.stack}: {options.scenarios:,} scenarios × {options.months} months in {min(seconds):.2f} s")


if __name__ == "__main__":
    main()
