"""The second half of set-up, in the virtual environment: bring every tool here by the first way that is open.

Run it as `python -m tools.setup`; `bootstrap.py` does. It exits with 0 when the engine can work on this machine, else
with 1 after saying what was tried: the commands that need no engine (`mailstead check`, `size`, `plan`) work all the same.
"""

import sys

from tools import catalog, doctor
from tools.chain import Choice, Missing, choose
from tools.downloads import Downloads
from tools.progress import console


def collect() -> list[Choice | Missing]:
    """Go through the catalogue in order; the language host comes after the CLI that it belongs to."""
    downloads = Downloads()
    cli = choose(catalog.pulumi(downloads))
    rest = (catalog.language_host(cli), catalog.vsphere(downloads), catalog.vcsim(), *catalog.checkers())
    return [cli, *map(choose, rest)]


def main() -> int:
    """Set up, record and show the outcome; return the exit code."""
    doctor.record(collect())
    report = doctor.inspect()
    doctor.render(report, console)
    if report.missing:
        names = ", ".join(missing.tool for missing in report.missing)
        console.print(f"Not here: {names}. Without it nothing can be previewed or applied; check, size and plan work.")
        return 1
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
