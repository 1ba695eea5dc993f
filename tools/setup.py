"""The second half of set-up, in the virtual environment: bring every tool here by the first way that is open.

Run it as `python -m tools.setup`; `bootstrap.py` does. It exits with 0 when the engine can work on this machine. Else it
has said what was tried and exits with 3: the commands that need no engine (`mailstead check`, `size`, `plan`) work.
"""

import sys

from tools import catalog, doctor
from tools.bootstrap import TOOLS_MISSING
from tools.chain import Choice, Missing, choose
from tools.downloads import Downloads
from tools.progress import console


def collect() -> list[Choice | Missing]:
    """Go through the catalogue in order: Go first, since others are built with it; the language host after its CLI."""
    downloads = Downloads()
    go = choose(catalog.go())
    cli = choose(catalog.pulumi(downloads, go))
    rest = (catalog.language_host(cli, go), catalog.vsphere(downloads, go), catalog.vcsim(go), *catalog.checkers())
    return [go, cli, *map(choose, rest)]


def main() -> int:
    """Set up, record the outcome and show it where it is news or a defect; return the exit code."""
    before = doctor.inspect()
    doctor.record(collect())
    report = doctor.inspect()
    if report.missing or doctor.changed(before, report):
        doctor.render(report, console)
    else:
        console.print("Everything that Mailstead works with is set up (mailstead doctor lists it).")
    if report.missing:
        names = ", ".join(missing.tool for missing in report.missing)
        console.print(f"Not here: {names}. Without these nothing can be previewed or applied; check, size and plan work.")
        return TOOLS_MISSING
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except OSError as error:  # a full disk, a folder that may not be written
        console.print(
            f"Set-up stopped: {error.filename or 'a file'}: {error.strerror}. Run it again when that is mended.",
            markup=False,
            soft_wrap=True,
        )
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
