"""From log files to a profile, and from a profile to the mail flow that a platform is sized for."""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import ValidationError

from config import explain
from config.base import Model
from config.mail import MailFlow
from config.problems import Problem, Refused, shown
from sizing.flow import doubts, measure, reading, sources
from sizing.flow.engine import Engine
from sizing.flow.engines import ask
from sizing.flow.profile import Profile

VERSION = 2  # of the flow file
_SURE_GROWTH = 0.25  # a year; growth is left to the stack's default unless it is known to ± so much
_GROWTH = 0.0, 1.0  # a year; what a stack's key takes
_HAIR = 0.0005  # a year; no more is shown of a growth
_DIGITS = 5  # significant digits in the file
_HEAD = """\
# Measured by `mailstead flow`. What is under `flow:` goes under `mailstead:flow:` of a stack; a key that isn't there could not be
# measured, and the stack's default stands. `profile:` has what was counted, with the 90 % interval of what is uncertain.
"""

Progress = Callable[[int, int], None]


class Flow(Model):
    """A measured mail flow: the figures that a stack takes, and the profile that they come from."""

    version: int = VERSION
    flow: dict[str, float]
    """Keys and values of a stack's `mailstead:flow:`."""
    profile: Profile

    @classmethod
    def from_logs(  # noqa: PLR0913 - one keyword an option
        cls,
        paths: Iterable[str | Path],
        *,
        year: int | None = None,
        engine: Engine = Engine.DUCKDB,
        scratch: Path | None = None,
        accept: Iterable[str] = (),
        progress: Progress = lambda _, __: None,
    ) -> Self:
        """Measure the flow that log files tell of.

        Args:
            paths: files and glob patterns: Postfix syslog, Zimbra's mailbox.log, CSV of a message audit log; plain, gzip or zstd.
            year: of the first stamp without one, when the files' dates don't tell; the files are then named oldest first.
            engine: where they are read; Spark reads sets of files beside each other, on its workers.
            scratch: for Spark, a folder that all its workers share, for the events meanwhile: 1/25 of the logs' size.
            accept: kinds of doubt that are not to be refused (`Accept` has them); a note in the profile says what was accepted.
            progress: told how many bytes of files were read since it was told last, and how many there are.

        Raises:
            Refused: no path names a log that can be read, no message is in it, or it is doubtful in a way that is not accepted.
        """
        accepted = doubts.names(accept)
        sets, early, notes = reading.plan(paths, year)
        total = sum(file.size for files in sets for file in files)
        answer, readings = ask(engine, sets, scratch, lambda read: progress(read, total))
        profile, found = measure.profile(answer, readings, notes)
        problems, accepted_notes = doubts.settled([*early, *found], accepted)
        try:
            flow = cls.of(profile.model_copy(update={"notes": (*accepted_notes, *profile.notes)}))
        except Refused as refused:
            raise Refused([*problems, *refused.problems]) from None
        if problems:
            raise Refused(problems)
        return flow

    @classmethod
    def of(cls, profile: Profile) -> Self:
        """The flow of a profile.

        Raises:
            Refused: it has no message, or a figure that no stack takes.
        """
        if profile.messages_per_day is None:
            rule = "tell of no message that came to a queue or a mail store"
            lines = f"{sum(profile.lines.values()):,} lines"
            remedy = "name the logs of the servers that receive mail; a table begins with its header"
            raise Refused([Problem("the logs", lines, rule, remedy)])
        return cls(
            flow=_figures(profile), profile=profile.model_copy(update={"notes": (*profile.notes, *_clipped(profile), *_unjudged(profile))})
        )

    @classmethod
    def load(cls, path: Path) -> Self:
        """The flow that `save` wrote.

        Raises:
            Refused: it isn't a flow file of this version.
        """
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise Refused([Problem("(file)", shown(path), "can't be read as a flow file", shown(error), str(path))]) from None
        version = content.get("version") if isinstance(content, dict) else None
        if version != VERSION:
            rule = f"is not the version of flow files that is read here, {VERSION}"
            raise Refused([Problem("version", shown(version), rule, "measure the logs again with `mailstead flow`", str(path))])
        try:
            return cls(**content)
        except ValidationError as error:
            raise Refused(replace(problem, file=str(path)) for problem in explain.problems(error, cls, "(file)")) from None

    def save(self, path: Path) -> None:
        """Write the flow file whole or not at all.

        Raises:
            Refused: no file can be written there.
        """
        content = yaml.safe_dump(_rounded(self.model_dump(mode="json")), sort_keys=False, allow_unicode=True, width=120)
        try:
            self._save(path, _HEAD + content)
        except OSError as error:
            raise Refused([_unwritable(path, error.strerror or str(error))]) from None

    @staticmethod
    def _save(path: Path, content: str) -> None:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(content)
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def check_output(path: Path, logs: Iterable[str | Path]) -> None:
    """See that a flow file could be written, before hours of logs are read for it.

    Raises:
        Refused: its folder is missing or can't be written to, or something is there that is no file, or it is one of the logs.
    """
    if path.exists() and not path.is_file():
        raise Refused([_unwritable(path, "what is there is no regular file")])
    if not path.parent.is_dir():
        raise Refused([_unwritable(path, "its folder is missing")])
    if not os.access(path.parent, os.W_OK):
        raise Refused([_unwritable(path, "its folder can't be written to")])
    if path.exists() and path.resolve() in sources.found(logs):
        raise Refused([Problem("--output", shown(str(path)), "is one of the logs, and would be overwritten", "name another file")])


def _unwritable(path: Path, why: str) -> Problem:
    return Problem("--output", shown(str(path)), f"can't be written: {why}", "name a file in a folder that is there")


def _figures(profile: Profile) -> dict[str, float]:
    """What a stack's flow takes of a profile: nothing that could not be measured, and nothing that a stack would refuse."""
    growth, busy = _growth(profile), profile.busy_hour_share
    measured = {
        "messages_per_day": profile.messages_per_day.value if profile.messages_per_day else None,
        "recipients_per_message": profile.recipients_per_message,
        "mean_message_kib": profile.clean_mean_kib,
        "mean_spam_kib": profile.spam_mean_kib,
        "spam_share": profile.shares.spam or 0.0,
        "rejected_spam_share": 1.0 if profile.shares.rejected_spam is None else profile.shares.rejected_spam,
        "busy_hour_share": busy.value if busy else None,
        "growth_per_year": None if growth is None else min(_GROWTH[1], max(_GROWTH[0], growth)),
    }
    figures = {key: _rounded(value) for key, value in measured.items() if value is not None}
    try:
        MailFlow(**figures)
    except ValidationError as error:
        remedy = "look for lines of the logs that can't be true, and leave them out"
        raise Refused(replace(problem, remedy=remedy) for problem in explain.problems(error, MailFlow, "the logs")) from None
    return figures


def _growth(profile: Profile) -> float | None:
    """The growth in a year, if it is known well enough."""
    growth = profile.growth_per_year
    return growth.value if growth and growth.high - growth.low <= 2 * _SURE_GROWTH else None


def _clipped(profile: Profile) -> Iterator[str]:
    """What to know of a growth that a stack's key can't hold."""
    growth, (least, most) = _growth(profile), _GROWTH
    if growth is not None and growth > most + _HAIR:
        yield f"growth measured {growth:+.1%} a year; the stack's key takes {most:g} at most, which is too little for this flow"
    elif growth is not None and growth < least - _HAIR:
        yield f"growth measured {growth:+.1%} a year; the stack's key takes {least:g} at least, so the stack is sized for no growth"


def _unjudged(profile: Profile) -> Iterator[str]:
    """What to know of a flow without verdicts: a stack's own defaults would take half of the mail that came in for refused spam."""
    if profile.shares.rejected_spam is None:
        came_in = f"all that came in, {1 - (profile.shares.spam or 0.0):.1%} of what was offered, counts as mail that is no spam"
        yield f"no filter's verdict is in the logs: {came_in}, and no room is kept for spam; docs/flow.md says how to add what one finds"


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value
