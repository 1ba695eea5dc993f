"""Where two ledgers of one vCenter can't both be right: copies of one stack's that have parted, and stacks that claim the same disk."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from checks.ledger.identity import Ledger, LedgerDisk, LedgerVm
from config.findings import Finding, Level, ordered


class _Claim(NamedTuple):
    """That a VM has a disk."""

    vm: LedgerVm
    disk: LedgerDisk

    @property
    def place(self) -> str:
        return f"{self.vm.name}/{self.disk.label}"


class _Claims:
    """The disks of a ledger, by what they are known by."""

    def __init__(self, ledger: Ledger) -> None:
        self.all = [_Claim(vm, disk) for vm in ledger.vms for disk in vm.disks]
        self.places = {claim.place: claim for claim in self.all}
        self._uuids = {claim.disk.uuid: claim for claim in self.all if claim.disk.uuid}
        self._files = {claim.disk.file: claim for claim in self.all}

    def of(self, disk: LedgerDisk) -> _Claim | None:
        """Who claims a disk: by its UUID; by its file where one of the two ledgers knows no UUID."""
        if disk.uuid in self._uuids:
            return self._uuids[disk.uuid]
        at = self._files.get(disk.file)
        return None if at is None or (at.disk.uuid and disk.uuid) else at


def conflicts(own: Ledger, others: Mapping[str, Ledger]) -> tuple[Finding, ...]:
    """Where two ledgers of one vCenter can't both be right; `others` by the names of their files."""
    found = [finding for name, other in others.items() if other.vcenter_uuid == own.vcenter_uuid for finding in _conflict(own, name, other)]
    return ordered(found)


def _conflict(own: Ledger, name: str, other: Ledger) -> Iterator[Finding]:
    newer = "this one is newer" if own.serial > other.serial else "the other is newer" if own.serial < other.serial else "both are as new"
    theirs = _Claims(other)
    step = f"Find out which is right by the disk's UUID in vCenter, and delete the other ({newer})"
    for mine in _Claims(own).all:
        claimed, there = theirs.of(mine.disk), theirs.places.get(mine.place)
        found = _foreign(mine, claimed, there) if other.site != own.site else _parted(mine, claimed, there)
        if found:
            expected = f"disk {mine.disk.identity}, as in this ledger (serial {own.serial}, stack {own.site})"
            consequence = "Two people or two stacks apply to the same disks, or one ledger is old"
            said = f"{found} in {name} (serial {other.serial}, stack {other.site})", expected, consequence, step
            yield Finding(Level.UNSAFE, "ledgers-conflict", mine.place, *said, names=(mine.place,))


def _foreign(mine: _Claim, claimed: _Claim | None, there: _Claim | None) -> str:
    """What another stack's ledger says of a disk that it should not have."""
    if claimed:
        return f"disk {mine.disk.identity} is {claimed.place}"
    return f"is disk {there.disk.identity}" if there else ""


def _parted(mine: _Claim, claimed: _Claim | None, there: _Claim | None) -> str:
    """What another ledger of the same stack says otherwise."""
    if claimed and claimed.place != mine.place:
        return f"disk {mine.disk.identity} is {claimed.place}"
    if there and not claimed:
        return f"is disk {there.disk.identity}"
    if claimed and claimed.disk.unit != mine.disk.unit:
        return f"is at unit {claimed.disk.unit}, not {mine.disk.unit},"
    if claimed and claimed.vm.instance_uuid != mine.vm.instance_uuid:
        return f"is on another VM (instance {claimed.vm.instance_uuid}, not {mine.vm.instance_uuid})"
    return ""
