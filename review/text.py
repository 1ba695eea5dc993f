"""A review as people read it: the verdict first, then the worst."""

from config.findings import as_text
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
    return "".join(f"{line}\n" for line in lines) + as_text(reviewed.findings)


def _operations(reviewed: Reviewed) -> str:
    counted = [f"{count} {op}" for op, count in reviewed.operations.items() if op not in _QUIET]
    return ", ".join(counted) or "no operations"
