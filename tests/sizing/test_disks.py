"""Which terms each disk has, who shares a load, and what a disk gets."""

import math
from typing import Any

import pytest

from config.roles import Role
from sizing import DiskNeed, size
from sizing.growth import grown
from tests.sizing.platforms import SERVERS, disk, gib, platform

EXPECTED = {
    ("balancer-1", "system"): {"operating system", "system journal", "logs"},
    ("control-center", "quarantine"): {"spam quarantine", "report database", "copies of the scanners' logs"},
    ("control-center", "system"): {"operating system", "system journal"},
    ("log-archive", "archive"): {
        "scanner logs", "mta logs", "mailbox logs", "directory logs", "balancer logs", "message audit log",
        "today's logs, not yet compressed",
    },
    ("log-archive", "system"): {"operating system", "system journal"},
    ("mailbox-1", "directory"): {"LDAP map", "logs"},
    ("mailbox-1", "mail"): {
        "mailboxes", "Junk", "whitespace of one day", "recoverable items", "partly used blocks", "search index", "database", "redo log",
        "logs",
    },
    ("mailbox-1", "system"): {"operating system", "system journal", "mail software"},
    ("mta-1", "directory"): {"LDAP map", "logs"},
    ("mta-1", "queue"): {"queue while the mailbox server is down", "logs"},
    ("mta-1", "system"): {"operating system", "system journal", "mail software"},
    ("scanner-1", "queue"): {"queue while the spool is down", "message audit log", "logs", "hold for a second virus scan"},
    ("scanner-1", "system"): {"operating system", "system journal", "virus and spam definitions", "scratch for unpacking"},
}  # fmt: skip


def with_scanners(count: int) -> dict[str, object]:
    """Changes that leave `count` scanners."""
    return {"gateway.scanners": {f"scanner-{i}": {"address": f"192.0.2.{50 + i}", "lun": "all"} for i in range(1, count + 1)}}


def test_each_disk_holds_what_its_role_stores_and_its_file_system() -> None:
    needs = {(need.vm, need.label): {t.name for t in need.terms} for need in size(platform()).disks}
    assert needs[("scanner-2", "queue")] == needs[("scanner-1", "queue")]
    assert needs[("balancer-2", "system")] == needs[("balancer-1", "system")]
    assert {key: names - {"file system"} for key, names in needs.items() if key[0] not in ("scanner-2", "balancer-2")} == EXPECTED
    assert all("file system" in names for names in needs.values())


def test_every_disk_of_every_server_is_sized_once_in_order() -> None:
    described = platform()
    keys = [(need.vm, need.label) for need in size(described).disks]
    assert keys == sorted({(server.name, label) for server in described.servers for label in server.labels})


def test_a_disk_carries_its_own_role_and_a_system_disk_its_servers_first() -> None:
    sizing = size(platform())
    roles = {label: disk(sizing, "mta-1", label).role for label in ("system", "queue", "directory")}
    assert roles == {"system": Role.MTA, "queue": Role.MTA, "directory": Role.DIRECTORY}


def test_an_adopted_datastore_is_called_by_its_name() -> None:
    need = disk(size(platform({"storage.luns.all.datastore": "Mail Data"})), "mta-1", "queue")
    assert (need.lun, need.datastore) == ("all", "Mail Data")


@pytest.mark.parametrize(("scanners", "share"), [(1, 1), (2, 1), (3, 1 / 2), (5, 1 / 4)])
def test_scanners_carry_the_flow_of_one_that_is_lost(scanners: int, share: float) -> None:
    whole = disk(size(platform(with_scanners(1))), "scanner-1", "queue")
    shared = disk(size(platform(with_scanners(scanners))), "scanner-1", "queue")
    assert shared.need_gib == pytest.approx(whole.need_gib * share, abs=1e-6)


def test_mailbox_servers_share_the_users_and_none_stands_in() -> None:
    servers = {f"mailbox-{i}": {"address": f"192.0.2.{60 + i}", "lun": "all"} for i in range(1, 4)}
    sizing = size(platform({"spool.mailboxes": servers, "spool.users": 100, "spool.quota_gib": 2}))
    needs = [disk(sizing, vm, "mail") for vm in servers]
    assert [gib(need, "mailboxes") + gib(need, "Junk") for need in needs] == pytest.approx([math.ceil(100 / 3) * 2] * 3)


def test_each_balancer_can_hold_every_service_address() -> None:
    one = {"balancers.nodes": {"balancer-1": {"address": "192.0.2.11", "lun": "all"}}}
    assert disk(size(platform(one)), "balancer-1", "system").need_gib == disk(size(platform()), "balancer-1", "system").need_gib


def test_no_day_brings_more_than_a_days_mail() -> None:
    def queue(hours: float) -> float:
        need = disk(size(platform({"flow.backlog_hours": hours, "flow.busy_hour_share": 0.15})), "mta-1", "queue")
        return gib(need, "queue while the mailbox server is down")

    day = queue(24)
    assert queue(1) == pytest.approx(0.15 * day)
    assert queue(6) == pytest.approx(0.90 * day)
    assert queue(7) == pytest.approx(day)
    assert queue(72) == pytest.approx(3 * day)
    assert queue(73) == pytest.approx(3.15 * day)


def test_rejected_spam_is_logged_but_never_stored() -> None:
    kept, rejected = (size(platform({"flow.rejected_spam_share": share})) for share in (0, 1))
    assert gib(disk(rejected, "control-center", "quarantine"), "spam quarantine") == 0
    assert gib(disk(kept, "control-center", "quarantine"), "spam quarantine") > 0
    for term in ("message audit log", "logs"):
        assert gib(disk(rejected, "scanner-1", "queue"), term) == gib(disk(kept, "scanner-1", "queue"), term)


def test_small_messages_are_limited_by_inodes() -> None:
    """A message of 1 KiB still costs one inode, and ext4 makes one for each 16 KiB."""
    changes = {"flow.mean_message_kib": 1, "flow.mean_spam_kib": 1, "flow.planning_years": 0, "flow.rejected_spam_share": 0}
    queue = gib(disk(size(platform({**changes, "flow.backlog_hours": 24})), "mta-1", "queue"), "queue while the mailbox server is down")
    assert queue == pytest.approx(1000 * 16 / 2**20)


def test_spam_is_kept_until_the_expunger_after_its_retention() -> None:
    """1,000 messages a day, .6 of them spam, .2 of that stored, a file of 16 KiB each, 7 days and one, a fifth more for the database."""
    need = disk(size(platform({"flow.planning_years": 0, "gateway.quarantine_days": 7})), "control-center", "quarantine")
    assert gib(need, "spam quarantine") == pytest.approx(120 * 16 * 8 * 1.2 / 2**20)


@pytest.mark.parametrize(("junk_share", "quarantined"), [(None, 1), (0, 1), (0.25, 0.75), (1, 0)])
def test_spam_that_is_delivered_to_junk_is_not_in_the_quarantine(junk_share: float | None, quarantined: float) -> None:
    all_of_it = gib(disk(size(platform()), "control-center", "quarantine"), "spam quarantine")
    need = disk(size(platform({"gateway.junk_share": junk_share} if junk_share is not None else {})), "control-center", "quarantine")
    assert gib(need, "spam quarantine") == pytest.approx(all_of_it * quarantined)


def test_the_directory_disk_holds_a_map_of_five_times_the_data() -> None:
    need = disk(size(platform({"directory.entries": 131_072, "directory.bytes_per_entry": 8_192})), "mailbox-1", "directory")
    assert gib(need, "LDAP map") == 5


def test_growth_is_compounded_over_the_planning_years() -> None:
    def audit(years: int) -> float:
        need = disk(size(platform({"flow.growth_per_year": 0.07, "flow.planning_years": years})), "scanner-1", "queue")
        return gib(need, "message audit log")

    assert audit(3) == pytest.approx(audit(0) * 1.07**3)


@pytest.mark.parametrize("declared", [1, 300, 63_488])
def test_a_declared_size_is_what_the_disk_gets(declared: int) -> None:
    need = disk(size(platform({f"{SERVERS['control-center']}.disks_gib": {"quarantine": declared}})), "control-center", "quarantine")
    assert (need.gib, need.declared_gib) == (declared, declared)
    assert need.need_gib == disk(size(platform()), "control-center", "quarantine").need_gib


def test_a_disk_that_is_not_declared_gets_its_need_in_whole_gib() -> None:
    for need in size(platform({"flow.messages_per_day": 1e6})).disks:
        assert need.gib == need.smallest_gib
        assert need.gib - 1 < need.need_gib <= need.gib


@pytest.mark.parametrize(("need_gib", "gets"), [(0, 1), (0.2, 1), (1, 1), (1 + 1e-9, 1), (1 + 1e-5, 2), (90, 90), (90.01, 91)])
def test_rounding_of_a_disk(need_gib: float, gets: int) -> None:
    template = disk(size(platform()), "mta-1", "queue")
    term = template.terms[0].model_copy(update={"gib": need_gib})
    assert DiskNeed(**{**template.model_dump(exclude={"need_gib", "smallest_gib", "gib"}), "terms": (term,)}).gib == gets


CHANGES = {
    ("scanner-1", "system"): 0.15, ("scanner-1", "queue"): 0.15, ("mta-1", "queue"): 0.15, ("mta-1", "directory"): 0.02,
    ("control-center", "quarantine"): 0.10, ("mailbox-1", "system"): 0.05, ("mailbox-1", "mail"): 0.05,
    ("balancer-1", "system"): 0.02, ("log-archive", "system"): 0.02,
}  # fmt: skip


@pytest.mark.parametrize(("key", "change"), CHANGES.items())
def test_a_disk_is_rewritten_as_its_role_does(key: tuple[str, str], change: float) -> None:
    need = disk(size(platform()), *key)
    assert need.written_per_day.gib == pytest.approx(change * need.gib)


def test_the_log_archive_is_written_as_much_as_arrives_whatever_its_size() -> None:
    """A day's logs, plain and once more compressed to an eighth."""
    sized, declared = (
        disk(size(platform({f"{SERVERS['log-archive']}.disks_gib": sizes})), "log-archive", "archive") for sizes in ({}, {"archive": 5_000})
    )
    assert sized.written_per_day == declared.written_per_day
    assert sized.written_per_day.gib == pytest.approx(gib(sized, "today's logs, not yet compressed") * 9 / 8)


def test_a_measured_change_counts_for_every_disk_of_the_role() -> None:
    sizing = size(platform({"snapshots.change_per_day": {"log-archive": 0.5}}))
    for label in ("archive", "system"):
        need = disk(sizing, "log-archive", label)
        assert need.written_per_day.gib == pytest.approx(0.5 * need.gib)


def test_what_arrives_counts_where_it_is_more_than_what_is_rewritten() -> None:
    """At 1,000,000 messages a day an MTA's disk of 1 GiB takes in a day's part of its terms; one of 10,000 GiB rewrites more."""
    small, large = (
        disk(size(platform({"flow.messages_per_day": 1_000_000, f"{SERVERS['mta-1']}.disks_gib": {"queue": gib_}})), "mta-1", "queue")
        for gib_ in (1, 10_000)
    )
    of_a_day = platform({"flow.messages_per_day": 1_000_000, "gateway.log_days": 1})
    mail = grown(of_a_day.flow)
    written = (mail.kib_per_day + 4 * mail.accepted_per_day) / 2**20 + gib(disk(size(of_a_day), "mta-1", "queue"), "logs")
    assert small.written_per_day.gib == pytest.approx(written)
    assert large.written_per_day.gib == pytest.approx(0.15 * 10_000)


@pytest.mark.parametrize(("role", "vm", "label"), [("scanner", "scanner-1", "queue"), ("mailbox", "mailbox-1", "mail")])
def test_mail_that_arrives_is_written_once_at_least(role: str, vm: str, label: str) -> None:
    """Hand calculation: messages × size alone, which is less than what files, indexes and logs come to."""
    flow = {"flow.messages_per_day": 3_000_000, "flow.spam_share": 0.0, "flow.mean_message_kib": 100, "flow.planning_years": 0}
    sizing = size(platform({**flow, "snapshots.change_per_day": {role: 0.001}}))
    copies = 1.0 if role == "scanner" else 2 * platform(flow).flow.recipients_per_message  # mailbox: the message and the redo log
    least = 3_000_000 * 100 * copies / 2**20
    assert least < disk(sizing, vm, label).written_per_day.gib < 2 * least


@pytest.mark.parametrize("policy", [{}, {"spool.sized_by": "fill", "spool.mean_mailbox_gib": 1}])
@pytest.mark.parametrize(("kib", "beside"), [(10, 0.6), (12, 1 / 3), (8, 1), (54.3, 4 / 54.3), (100, 0.04)])
def test_each_message_of_a_mailbox_is_a_file(policy: dict[str, Any], kib: float, beside: float) -> None:
    """12,000 full mailboxes of 1 GiB: a file takes its size and a block of 4 KiB, and 16 KiB at least, for which ext4 makes an inode."""
    changes = {"spool.users": 12_000, "spool.quota_gib": 1, "flow.mean_message_kib": kib, "flow.spam_share": 0, "spool.deleted_days": 0}
    need = disk(size(platform({**changes, **policy})), "mailbox-1", "mail")
    held = sum(gib(need, name) for name in ("mailboxes", "Junk", "whitespace of one day", "recoverable items"))
    assert gib(need, "partly used blocks") == pytest.approx(held * beside, rel=1e-6)
    files = held * 2**20 / kib
    assert need.smallest_gib * 2**20 / 16 > files


def test_junk_is_in_files_of_its_own_size() -> None:
    """Of 8 KiB where other mail has 54.3: a GiB of it takes two, in Junk, in what can be recovered of it, and on the day it arrives."""
    changes = {
        "flow.spam_share": 0.5,
        "flow.rejected_spam_share": 0,
        "flow.planning_years": 0,
        "spool.junk_days": 30,
        "spool.deleted_days": 14,
    }
    small, as_large = (
        gib(disk(size(platform({**changes, "flow.mean_spam_kib": kib})), "mailbox-1", "mail"), "partly used blocks") for kib in (8, 54.3)
    )
    flow = platform(changes).flow
    spam_gib = flow.messages_per_day * 0.5 * flow.recipients_per_message * (30 * 1.042 + 1 + 14) / 2**20  # for each KiB of a message
    fewer_gib = spam_gib * (54.3 - 8) - spam_gib * (54.3 - 8) * 30 * 1.042 / (30 * 1.042 + 15)  # Junk itself is within the quota
    assert small - as_large == pytest.approx(spam_gib * 8 * (1 - 4 / 54.3) - fewer_gib * 4 / 54.3, rel=1e-6)
