"""Writes a Postfix log of any size, the same for the same seed, and knows what is in it."""

import math
import random
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

START = datetime(2026, 3, 2)  # noqa: DTZ001 - the host's own clock; a Monday
MESSAGES_PER_SECOND = 4.0  # mean
BLOCK = 3000  # clients between two writes
LETTERS = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"  # of Postfix's long queue ids
Line = tuple[float, str]


class MailLog:
    """30 % of the clients are rejected, 45 % send to the site, 25 % log in and send out; of these, 6 % are deferred and tried again."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)  # noqa: S311 - mail, not secrets
        self._stamps: dict[int, str] = {}
        self.truth: Counter[str] = Counter()
        """Received, delivered, deferred, deferrals, bounced, rejected, retried, lines."""

    def write(self, path: Path, size: int) -> None:
        """Write a log of at least so many bytes, in order of time; no message is left in the queue."""
        now, written, later = 0.0, 0, list[Line]()
        with path.open("wb") as stream:
            while written < size:
                block = later
                for _ in range(BLOCK):
                    daily = 1 + 0.9 * math.sin((now / 3600 - 8) / 24 * 2 * math.pi)
                    now += self._random.expovariate(MESSAGES_PER_SECOND * daily)
                    block.extend(self._client(now))
                block.sort(key=lambda line: line[0])
                cut = next((i for i, line in enumerate(block) if line[0] > now), len(block))
                written += stream.write(self._text(block[:cut]))
                later = block[cut:]
            stream.write(self._text(later))

    def _text(self, lines: list[Line]) -> bytes:
        self.truth["lines"] += len(lines)
        return "".join([f"{self._stamp(int(time))} mx1 postfix/{text}\n" for time, text in lines]).encode()

    def _stamp(self, second: int) -> str:
        if second not in self._stamps:
            if len(self._stamps) > 100_000:
                self._stamps.clear()
            self._stamps[second] = f"{START + timedelta(seconds=second):%b %e %H:%M:%S}"
        return self._stamps[second]

    def _client(self, now: float) -> Iterator[Line]:
        some = self._random.randrange
        address = f"{some(128, 223)}.{some(256)}.{some(256)}.{some(1, 255)}"
        client, process, kind = f"mail{some(500)}.example{some(900)}.org[{address}]", some(1000, 32000), self._random.random()
        yield now, f"smtpd[{process}]: connect from {client}"
        if kind < 0.30:
            yield now + 0.05, f"smtpd[{process}]: NOQUEUE: reject: RCPT from {client}: {self._refusal(address, kind)}"
            yield now + 0.1, f"smtpd[{process}]: disconnect from {client} ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4"
            return
        yield from self._message(now + 0.05, client, process, outbound=kind > 0.75)
        yield now + 0.12, f"smtpd[{process}]: disconnect from {client} ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5"

    def _refusal(self, address: str, kind: float) -> str:
        self.truth["rejected"] += 1
        some = self._random.randrange
        to = f"u{some(30000)}@campus.example"
        rest = f"from=<user{some(9999)}@spam{some(900)}.example> to=<{to}> proto=ESMTP helo=<mail.example.org>"
        if kind < 0.20:
            return f"554 5.7.1 Service unavailable; Client host [{address}] blocked using dnsbl.example; {rest}"
        if kind < 0.28:
            return f"550 5.1.1 <{to}>: Recipient address rejected: User unknown in relay recipient table; {rest}"
        return f"450 4.7.1 <{to}>: Recipient address rejected: Greylisted; {rest}"

    def _message(self, now: float, client: str, process: int, *, outbound: bool) -> Iterator[Line]:
        some = self._random.randrange
        queue_id = "4" + "".join(self._random.choices(LETTERS, k=9)) + "z" + "".join(self._random.choices(LETTERS, k=4))
        size = 300 + int(self._random.lognormvariate(8.441, 2.256)) % 26_214_400
        recipients = 1 if self._random.random() < 0.8 else some(2, 5)
        domain = "campus.example" if outbound else f"example{some(900)}.org"
        login = f", sasl_method=PLAIN, sasl_username=user{some(9999)}" if outbound else ""
        queued = f"qmgr[900]: {queue_id}: from=<user{some(9999)}@{domain}>, size={size}, nrcpt={recipients} (queue active)"
        smtp = f"smtp[{process + 2}]: {queue_id}: "
        self.truth["received"] += 1
        yield now, f"smtpd[{process}]: {queue_id}: client={client}{login}"
        yield now + 0.01, f"cleanup[{process + 1}]: {queue_id}: message-id=<{self._random.getrandbits(64):016x}@{domain}>"
        yield now + 0.05, queued
        done = now + 0.2
        if outbound and self._random.random() < 0.06:
            self.truth["deferred"] += 1
            for attempt in range(some(1, 5)):
                yield from self._tries(done, smtp, recipients, f"relay=none, delay={done - now:.2g}", "deferred")
                done += 300 * 2**attempt
                self.truth["retried"] += 1
                yield done, queued
        relay = "relay=mx.far.example[192.0.2.7]:25" if outbound else "relay=spool.campus.example[192.0.2.9]:7025"
        yield from self._tries(done, smtp, recipients, f"{relay}, delay={done - now:.2f}")
        yield done + 0.01, f"qmgr[900]: {queue_id}: removed"

    def _tries(self, now: float, smtp: str, recipients: int, how: str, status: str = "") -> Iterator[Line]:
        for recipient in range(recipients):
            ended = status or ("bounced" if self._random.random() < 0.01 else "sent")
            self.truth[{"sent": "delivered", "bounced": "bounced", "deferred": "deferrals"}[ended]] += 1
            code, said = {
                "sent": ("2.0.0", "250 2.0.0 Ok: queued as 9C41B2A07F"),
                "bounced": ("5.1.1", "host mx.far.example[192.0.2.7] said: 550 5.1.1 User unknown (in reply to RCPT TO command)"),
                "deferred": ("4.4.1", "connect to mx.slow.example[192.0.2.1]:25: Connection timed out"),
            }[ended]
            yield now, f"{smtp}to=<user{recipient}@there.example>, {how}, delays=0.05/0.01/0.2/0.3, dsn={code}, status={ended} ({said})"
