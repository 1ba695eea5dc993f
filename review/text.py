"""A review as people read it: the verdict first, then the worst."""

from config.findings import Finding, Level
from review.gate import Reviewed, Verdict

_VERDICTS = {
    Verdict.NOTHING: "Nothing changes",
    Verdict.CHANGES: "Changes, none of them known to be unsafe",
    Verdict.UNSAFE: "UNSAFE: do not apply",
    Verdict.FAILED: "The preview failed, so that nobody can say what an apply does",
}
_QUIET = frozenset({"same", "read", "refresh"})


def text(reviewed: Reviewed) -> str:
    """The review as lines of text."""
    lines = [f"{_VERDICTS[reviewed.verdict]} ({_operations(reviewed)})"]
    lines += [f"  the preview says: {line}" for error in reviewed.errors for line in error.splitlines() if line.strip()]
    for level in Level:
        found = [finding for finding in reviewed.findings if finding.level is level]
        if found:
            lines += ["", f"{level.upper()} ({len(found)})", *(line for finding in found for line in _lines(finding))]
    return "\n".join(lines) + "\n"


def _operations(reviewed: Reviewed) -> str:
    counted = [f"{count} {op}" for op, count in reviewed.operations.items() if op not in _QUIET]
    return ", ".join(counted) or "no operations"


def _lines(finding: Finding) -> tuple[str, ...]:
    return (
        f"  {finding.subject}: {finding.found}; expected {finding.expected}",
        f"    {finding.consequence}",
        f"    → {finding.next_step}",
    )
