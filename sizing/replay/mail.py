"""The mail that arrives in each hour, and the queue that it forms while what it is delivered to is down.

Arrays are years × hours. Before the year itself come as many hours as something of it may still be kept.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.random import Generator

from config.platform import Platform
from config.risk import Inputs
from config.roles import SizedBy
from sizing import rules
from sizing.replay.messages import Messages
from sizing.replay.years import HOURS, Floats, Happening, Years

_BUSIEST = 13  # o'clock; figure
_PEAKEDNESS = np.linspace(0, 400, 4001)  # of the day's curve: 0 is flat, 400 has nearly a day's mail in one hour


class Mail(NamedTuple):
    """What arrives in each hour."""

    before: int
    """Hours before the year itself."""
    shape: Floats
    """Share of a day that falls into each hour of the day, years × 24."""
    offered: Floats
    """Messages."""
    accepted: Floats
    """Messages that are not rejected."""
    kib: Floats
    """Size of the accepted messages."""
    spam_kib: Floats
    """Size of the accepted spam …"""
    spam: Floats
    """… and how many messages it is."""

    def busy(self, per_day: float) -> Floats:
        """What there is `per_day` of, spread over each day as mail is."""
        return np.asarray(np.tile(per_day * self.shape, self.offered.shape[1] // 24), np.float64)


def day(busy_hour_share: Floats) -> Floats:
    """A day's curve for each year: a smooth hump whose busiest hour has the given share of the day, years × 24."""
    hours = np.cos((np.arange(24) - _BUSIEST) * (2 * math.pi / 24)) - 1
    busiest = 1 / np.exp(np.multiply.outer(_PEAKEDNESS, hours)).sum(axis=1)
    curve = np.exp(np.multiply.outer(np.interp(busy_hour_share, busiest, _PEAKEDNESS), hours))
    return np.asarray(curve / curve.sum(axis=1, keepdims=True), np.float64)


def arriving(rng: Generator, platform: Platform, inputs: Inputs, years: Years, storms: Iterable[Happening]) -> Mail:
    """Messages arrive at random around the day's curve, more and more; sizes vary as widely as real ones."""
    flow, before = platform.flow, 24 * _days_before(platform)
    shape, hours = day(years.busy_hour_share), before + HOURS
    growing = np.power.outer(1 + years.growth, (np.arange(hours) - before) / HOURS)
    expected = flow.messages_per_day * growing * np.tile(shape, hours // 24)
    more_spam = np.zeros((years.growth.size, hours))
    for storm in storms:
        span = np.s_[storm.year, before + storm.hour : before + storm.hour + round(inputs.storm_days * 24)]
        more_spam[span] = np.maximum(more_spam[span], storm.size - 1)
    clean = rng.poisson(expected * (1 - flow.spam_share))
    around_the_clock = flow.messages_per_day * growing * more_spam / 24  # a storm keeps no office hours
    spam = rng.poisson((expected + around_the_clock) * flow.spam_share)
    stored = rng.binomial(spam, 1 - flow.rejected_spam_share)
    messages = Messages(rng, inputs.message_size_variation)
    clean_kib = messages.together(rng, clean) * flow.mean_message_kib * years.message_size[:, np.newaxis]
    spam_kib = messages.together(rng, stored) * flow.mean_spam_kib
    offered, accepted = np.asarray(clean + spam, np.float64), np.asarray(clean + stored, np.float64)
    return Mail(before, shape, offered, accepted, clean_kib + spam_kib, spam_kib, np.asarray(stored, np.float64))


def _days_before(platform: Platform) -> int:
    """As long as anything is kept."""
    gateway, spool = platform.gateway, platform.spool
    kept_days = (
        gateway.log_days,
        gateway.audit_log_days,
        gateway.quarantine_days + rules.EXPUNGE_DAYS,
        spool.deleted_days,
        spool.redo_log_days,
        platform.log_archive.retention_days,
        spool.junk_days if spool.sized_by is SizedBy.FILL else 0,
    )
    return math.ceil(max(kept_days)) + 1


def queued_gib(mail: Mail, outages: Iterable[Happening]) -> Floats:
    """Disk of the queue in each hour of the year: what arrives in an outage waits, and then leaves as fast as the busiest hour's mail."""
    down = np.zeros((mail.offered.shape[0], HOURS + 1))
    for outage in outages:
        whole = min(HOURS, outage.hour + int(outage.size))
        down[outage.year, outage.hour : whole] = 1
        down[outage.year, whole] = max(down[outage.year, whole], outage.size % 1)
    accepted, kib = mail.accepted[:, mail.before :], mail.kib[:, mail.before :]
    leaving = mail.accepted.mean(axis=1) * 24 * mail.shape.max(axis=1)  # messages an hour
    files, size, needed = np.zeros(down.shape[0]), np.zeros(down.shape[0]), np.zeros((down.shape[0], HOURS))
    for hour in range(HOURS):
        files += accepted[:, hour] * down[:, hour]
        size += kib[:, hour] * down[:, hour]
        needed[:, hour] = np.maximum(size + files * (rules.BLOCK_KIB / 2), files * rules.INODE_KIB)  # half a block is unused, mean
        staying = np.maximum(0, 1 - leaving * (1 - down[:, hour]) / np.maximum(files, 1))
        files *= staying
        size *= staying
    return needed / 2**20


def kept(mail: Mail, arriving_each_hour: Floats, days: float) -> Floats:
    """What is there in each hour of the year of things that are removed when they are so many days old."""
    total = np.cumsum(np.pad(arriving_each_hour, ((0, 0), (1, 0))), axis=1)
    now = np.arange(mail.before + 1, mail.before + HOURS + 1)
    return np.asarray(total[:, now] - total[:, np.maximum(0, now - round(days * 24))], np.float64)
