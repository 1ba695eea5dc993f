"""How fast `mailstead flow` reads a log, and in how much memory, beside pflogsumm (Debian package `pflogsumm`).

    python benchmarks/flow.py                     2 GB: both read it, and their counts are compared
    python benchmarks/flow.py --gb 10 --alone     10 GB: memory only

Logs are made once, the same for the same seed, and kept in the folder. Compiled code is warmed up first: its compilation happens
once for each version of the program, not for each log. Then the log is read into the system's file cache, for the speed of a disk is
neither program's; where memory is too small to keep it there, both read from the disk. Mailstead runs twice before and twice after
pflogsumm, and the median counts: the machine may be faster at one time than at another. Processor time says more than time on a
machine that has other work, though one that uses both processors loses by it.
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.maillog import MailLog  # noqa: E402 - run as a file too

COUNTED = {  # what both count: in pflogsumm's words, in the profile's
    "received": "received",
    "delivered": "delivered",
    "deferred": "deferred_messages",
    "deferrals": "deferrals",
    "bounced": "bounced",
    "rejected": "rejected",
}
RATIO, RSS_MIB = 25, 512  # what must be reached
TIMES = 2  # Mailstead runs so often before pflogsumm, and so often after it
CHUNK = 1 << 24  # B


class Run(NamedTuple):
    """What a command took."""

    seconds: float
    processor: float
    """Seconds of all processors together."""
    rss_mib: float
    output: str


def run(command: list[str]) -> Run:
    """Run a command; its time and largest memory are the kernel's."""
    with tempfile.TemporaryFile("w+") as output:
        begun = time.perf_counter()
        child = subprocess.Popen(command, stdout=output, cwd=ROOT)
        _, status, used = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - begun
        if status:
            sys.exit(f"{' '.join(command)}: exit status {os.waitstatus_to_exitcode(status)}")
        output.seek(0)
        return Run(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, output.read())


def made(folder: Path, size: int, seed: int) -> Path:
    """The log of a size and seed, made unless it is there."""
    path = folder / f"mail-{size}-{seed}.log"
    if not path.exists():
        unfinished = path.with_suffix(".part")
        MailLog(seed).write(unfinished, size)
        unfinished.replace(path)
    return path


def pflogsumm(log: Path, folder: Path) -> tuple[Run, dict[str, int]]:
    """Run pflogsumm with its defaults, but let it print counts in full instead of rounded to thousands."""
    program = shutil.which("pflogsumm") or sys.exit("pflogsumm is missing: apt-get install pflogsumm")
    exact = folder / "pflogsumm"
    exact.write_text(re.sub(r"(\$divByOne\w+At\s*=\s*)\d+", r"\g<1>1e15", Path(program).read_text(encoding="latin-1")), encoding="latin-1")
    ran = run(["perl", str(exact), str(log)])
    return ran, counted(ran.output)


def counted(output: str) -> dict[str, int]:
    """The counts that pflogsumm printed, by its own words."""
    found = {word: re.search(rf"(\d+)\s+{word}\b", output) for word in COUNTED}
    return {word: int(match[1]) for word, match in found.items() if match}


def mailstead(log: Path, folder: Path) -> tuple[Run, dict[str, int]]:
    """Run `mailstead flow`."""
    out = folder / "flow.yaml"
    ran = run([str(Path(sys.executable).with_name("mailstead")), "flow", str(log), "-o", str(out)])
    counts = yaml.safe_load(out.read_text(encoding="utf-8"))["profile"]["counts"]
    return ran, {word: counts[name] for word, name in COUNTED.items()}


def main() -> int:
    """Run and print; 1 if a target is missed."""
    parser = argparse.ArgumentParser(description="mailstead flow beside pflogsumm")
    parser.add_argument("--gb", type=float, default=2.0, help="size of the log, 10^9 bytes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--alone", action="store_true", help="don't run pflogsumm")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "mailstead-benchmark")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    mailstead(made(asked.folder, 100_000, asked.seed), asked.folder)
    log = made(asked.folder, int(asked.gb * 1e9), asked.seed)
    _cache(log)
    ours, counts = _repeated(log, asked.folder, 1 if asked.alone else TIMES)
    if asked.alone:
        return _verdict(f"≤ {RSS_MIB} MiB", reached=_largest(ours) <= RSS_MIB)
    theirs, their_counts = pflogsumm(log, asked.folder)
    _tell("pflogsumm", log, theirs)
    ours += _repeated(log, asked.folder, TIMES)[0]
    ratio = theirs.seconds / statistics.median(run.seconds for run in ours)
    print(f"ratio      {ratio:.1f}, of processor time {theirs.processor / statistics.median(run.processor for run in ours):.1f}")
    for word in COUNTED:
        print(f"{word:10} {counts[word]:>12,} {their_counts.get(word, 0):>12,}")
    reached = ratio >= RATIO and _largest(ours) <= RSS_MIB and counts == their_counts
    return _verdict(f"≥ {RATIO} × pflogsumm by the median, equal counts, ≤ {RSS_MIB} MiB", reached=reached)


def _cache(log: Path) -> None:
    """Read a log once, so that the system has it in memory."""
    begun = time.perf_counter()
    with log.open("rb", buffering=0) as stream:
        while stream.read(CHUNK):
            pass
    print(f"log        read into the file cache in {time.perf_counter() - begun:.1f} s, before anything is timed", flush=True)


def _repeated(log: Path, folder: Path, times: int) -> tuple[list[Run], dict[str, int]]:
    runs, counts = list[Run](), dict[str, int]()
    for _ in range(times):
        ran, counts = mailstead(log, folder)
        _tell("mailstead", log, ran)
        runs.append(ran)
    return runs, counts


def _largest(runs: list[Run]) -> float:
    return max(run.rss_mib for run in runs)


def _tell(name: str, log: Path, ran: Run) -> None:
    size = log.stat().st_size / 1e6
    speed = f"{size:,.0f} MB in {ran.seconds:.1f} s = {size / ran.seconds:,.1f} MB/s"
    print(f"{name}  {speed}, {ran.processor:.1f} s of processors, {ran.rss_mib:.0f} MiB", flush=True)


def _verdict(target: str, *, reached: bool) -> int:
    print("reached" if reached else "missed", f"({target})")
    return int(not reached)


if __name__ == "__main__":
    sys.exit(main())
