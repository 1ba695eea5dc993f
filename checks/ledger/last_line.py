"""The last line of defence: one VM asked once more, in the moment before the engine changes it.

Preflight and the preview look before an apply; between them and a step somebody may change vCenter, and `--skip-preview` leaves both out.
So what a VM has is compared with the ledger again at each step, by the same rules. Where vCenter can't be asked, or a VM with mail data is
in no ledger, the step is refused: a last line that is off when its ledger is lost would be none. One session serves all steps of a run,
one question at a time; it is opened by the first, and again where vCenter has ended it meanwhile.
"""

import atexit
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from checks.ledger import file as ledger_file
from checks.ledger.identity import UNRECORDED_STEP, Ledger, LedgerDisk, LedgerVm, differences, keeps_mail
from checks.snapshots.world import World
from checks.vcenter import chain_facts, facts
from checks.vcenter.chains import LiveVm, Look
from checks.vcenter.credentials import Credentials
from checks.vcenter.look import CALLS, VM_PROPERTIES, datacenter
from checks.vcenter.readable import whole
from checks.vcenter.session import Session, session
from checks.vcenter.untyped import vim
from checks.waivers import judged
from config import Platform, Problem, Refused
from config.findings import Finding, Level, ordered
from plan import Plan

INDEX_CALLS = frozenset({"FindAllByUuid", "FindChild"})
"""What a hook calls beside a look."""

Disks = Mapping[str, int | None]
"""The disks that a step would leave a VM with: units by label."""
Stated = Mapping[str, str]
"""The disks that the engine's state gives a VM: UUIDs by label, empty where it has none. The provider tells disks apart by these labels."""


class LastLine:
    """Says, step by step, what is against it."""

    def __init__(self, platform: Platform, plan: Plan, login: Credentials, ledger: Path) -> None:
        self._platform, self._plan, self._login, self._path = platform, plan, login, ledger
        self._lock = threading.Lock()
        self._open: _Open | None = None
        self._unrecorded_said = False

    def before_create(self, name: str) -> tuple[Finding, ...]:
        """What is against making a VM of a name: one that is there already, or one whose mail data the ledger has."""
        return self._safely(name, lambda: self._create(name))

    def before_update(self, name: str, disks: Disks | None, stated: Stated | None) -> tuple[Finding, ...]:
        """What is against changing a VM; `disks` are to be its own, and `stated` are in the state; None where they can't be seen."""
        return self._safely(name, lambda: self._update(name, disks, stated))

    def _safely(self, name: str, question: Callable[[], list[Finding]]) -> tuple[Finding, ...]:
        """The answer, judged by the stack's waivers; that vCenter or the ledger can't be asked is one too."""
        with self._lock:
            try:
                return ordered(question())
            except Refused as refused:
                return ordered([_unasked(name, problem) for problem in refused.problems])

    def _create(self, name: str) -> list[Finding]:
        folder = self._plan.place.folder
        known = None if self._plan.disposable else _known(ledger_file.load(self._path, self._plan.site), name)
        looked = self._look(lambda there: there.like(known) if known else there.named(name))
        found = [_taken(vm, folder) for vm in looked.vms if vm.folder == folder and vm.name == name]
        if known and not found and (keeps_mail(self._plan, name) or any(disk.mail_data for disk in known.disks)):
            found = [_recorded(known, looked)]
        return [self._judged(one, looked.at) for one in found]

    def _update(self, name: str, disks: Disks | None, stated: Stated | None) -> list[Finding]:
        ledger = ledger_file.load(self._path, self._plan.site)
        known = _known(ledger, name)
        if ledger is None or known is None:
            return self._unrecorded(name)
        looked = self._look(lambda there: there.like(known))
        alone = ledger.model_copy(update={"vms": (known,)})
        found = [*differences(alone, self._world(looked, known), self._vcenter())]
        found += [*_dropped(known, looked, disks), *_misstated(known, looked, stated)]
        return [self._judged(one, looked.at) for one in found if one.level is Level.UNSAFE or one.rule == "unrecorded"]

    def _world(self, looked: Look, known: LedgerVm) -> World:
        return World(self._platform, self._plan, looked, recorded={known.instance_uuid: known.name})

    def _unrecorded(self, name: str) -> list[Finding]:
        """A VM that no ledger knows: not changed if it has mail data, which nothing then guards; else said once in a run."""
        keeps = keeps_mail(self._plan, name)
        if not keeps and self._unrecorded_said:
            return []
        self._unrecorded_said = self._unrecorded_said or not keeps
        said = f"is in no ledger ({self._path})", "recorded after each apply"
        consequence = "Nothing tells whether its disks are the ones that it had, or whether this is the vCenter that it was made in"
        step = f"{UNRECORDED_STEP}; where the ledger is elsewhere, set MAILSTEAD_LEDGERS to its folder"
        found = Finding(Level.UNSAFE if keeps else Level.WARNING, "unrecorded", name, *said, consequence, step, (name,))
        return [self._judged(found, self._look(lambda there: there.named(name)).at)]

    def _judged(self, found: Finding, at: datetime) -> Finding:
        return judged(found, self._platform.review, at.date())

    def _vcenter(self) -> str:
        return self._open.vcenter if self._open else ""

    def _look(self, question: "Callable[[_Open], Look]") -> Look:
        """Asks by the session that is open; where it fails, once more by a new one."""
        if self._open:
            try:
                answer = question(self._open)
            except Exception:  # noqa: BLE001 - whatever it was, a new session says it again
                self._open.end()
                self._open = None
            else:
                return answer
        self._open = _Open(self._login, self._plan)
        return self._open.asked(question)


class _Open:
    """A session with what it has seen of the datacenter's VMs."""

    def __init__(self, login: Credentials, plan: Plan) -> None:
        self._login, self._plan = login, plan
        self._stack = ExitStack()
        self._live: Session = self._stack.enter_context(session(login, CALLS | INDEX_CALLS))
        atexit.register(self.end)
        self.vcenter = ""

    def asked(self, question: "Callable[[_Open], Look]") -> Look:
        """An answer; what goes wrong is a `Refused`, and ends the session."""
        try:
            return question(self)
        except Exception:
            atexit.unregister(self.end)
            self._stack.__exit__(*sys.exc_info())
            raise

    def end(self) -> None:
        """Log out."""
        atexit.unregister(self.end)
        self._stack.close()

    def named(self, name: str) -> Look:
        """The VM of a name in the stack's folder."""
        return self._look(name, {})

    def like(self, known: LedgerVm) -> Look:
        """A VM of the ledger, wherever it is, what stands in its place, and what shares its BIOS UUID."""
        return self._look(known.name, {known.instance_uuid: True, known.bios_uuid: False})

    def _look(self, name: str, uuids: Mapping[str, bool]) -> Look:
        """The VM of a name in the stack's folder, and those of UUIDs, by whether it is that of an instance.

        vCenter's own index finds them: to list the VMs of a large site at each step would take longer than the steps.
        """
        live, here = self._live, datacenter(self._live, self._login, self._plan)
        self.vcenter = getattr(live.content.about, "instanceUuid", None) or ""
        below = live.below(here.object, {vim.Folder: ["name", "parent"]})
        folders = facts.folders(below, here.get("vmFolder"))
        places = [f.object for f in below if folders.get(f.id) == self._plan.place.folder]
        machines = [*live.children(places, name), *live.of_uuids(here.object, {u: of for u, of in uuids.items() if u})]
        unique = {ref._GetMoId(): ref for ref in machines}
        found = whole(live.of([(ref, VM_PROPERTIES) for _, ref in sorted(unique.items())]), self._login)
        vms = [chain_facts.vm(f, folders, ()) for f in found if not f.get("config.template")]
        return Look(server=self._login.server, at=live.now(), vms=tuple(sorted(vms, key=lambda vm: (vm.name, vm.id))))


def _known(ledger: Ledger | None, name: str) -> LedgerVm | None:
    return next((vm for vm in ledger.vms if vm.name == name), None) if ledger else None


def _there(known: LedgerVm, looked: Look) -> list[LedgerDisk]:
    """The disks of the ledger that the VM has."""
    live = next((vm for vm in looked.vms if vm.instance_uuid == known.instance_uuid), None)
    here = {disk.uuid or disk.base for disk in live.disks} if live else set()
    return [disk for disk in known.disks if disk.identity in here]


def _dropped(known: LedgerVm, looked: Look, disks: Disks | None) -> list[Finding]:
    """Disks of the ledger that the VM has and that the step would take off it, or call or place otherwise."""
    wrong = [disk for disk in _there(known, looked) if not disks or disks.get(disk.label) != disk.unit]
    step = "Take the edit back; docs/edits.md says how a disk leaves its VM"
    return [_off(known, disk, _wanted(disk, disks), step) for disk in wrong]


def _wanted(disk: LedgerDisk, disks: Disks | None) -> str:
    if disks is None:
        return "the step does not say which disks it leaves"
    return f"the step would put it at unit {disks[disk.label]}" if disk.label in disks else "the step would take it off its VM"


def _misstated(known: LedgerVm, looked: Look, stated: Stated | None) -> list[Finding]:
    """Disks of the ledger that the VM has and that the engine's state does not know by their label.

    A refresh makes such a state: it lets go of a disk that is off for a while, and names it `orphaned_disk_N` when it is back. To the
    provider the label of the program is then a new disk, and the old one is let go of.
    """
    wrong = [disk for disk in _there(known, looked) if not stated or disk.label not in stated or _other(disk, stated[disk.label])]
    return [_off(known, disk, *_said(disk, stated)) for disk in wrong]


def _other(disk: LedgerDisk, uuid: str) -> bool:
    """Whether a UUID of the state is of another disk; where one of both is unknown nothing can be told."""
    return bool(uuid and disk.uuid) and uuid != disk.uuid


def _said(disk: LedgerDisk, stated: Stated | None) -> tuple[str, str]:
    """What the state says of a disk that it does not know by its label, and what to do."""
    label = next((label for label, uuid in (stated or {}).items() if uuid and uuid == disk.uuid), None)
    if label is not None:
        found = f"the engine's state calls it {label}: the apply would take it off its VM and put a blank disk in its place"
        step = f"Export the state, write {disk.label} for {label} in this VM's disks, and import it"
    else:
        found = "the engine's state does not have it: the apply would put a blank disk in its place"
        step = "Refresh the state; it then calls the disk orphaned_disk_N: give it its label back"
    return found, f"{step} (docs/ledger.md, When it says no)"


def _off(known: LedgerVm, disk: LedgerDisk, found: str, step: str) -> Finding:
    subject = f"{known.name}/{disk.label}"
    expected = f"disk {disk.identity}, {disk.size_gib:g} GiB, labelled {disk.label}, at unit {disk.unit}"
    consequence = "DESTROYS DATA where the file is not kept, and the guest comes up without it or with another in its place"
    return Finding(Level.UNSAFE, "disk-dropped", subject, found, expected, consequence, step, (subject, disk.uuid))


def _recorded(known: LedgerVm, looked: Look) -> Finding:
    """A VM that is to be made while the ledger has one of its name with mail data, which is gone or somewhere else."""
    live = next((vm for vm in looked.vms if vm.instance_uuid == known.instance_uuid), None)
    kept = ", ".join(f"{disk.label} {disk.file}" for disk in known.disks if disk.mail_data)
    where = f"is {live.folder}/{live.name} now" if live else "is not in the inventory"
    said = f"{where} (instance {known.instance_uuid}), and the ledger has its mail data ({kept})", "a name that the ledger does not have"
    consequence = "The apply would make a second one with empty disks, and the mail would stay on disks that no VM of the stack has"
    back = "Put it back to its folder and name" if live else "Register it again from its .vmx"
    state = "bring back the state that knows it (docs/edits.md, Coming back)"
    step = f"{back}, and {state}; if a new one is meant: mailstead ledger write STACK --accept"
    return Finding(Level.UNSAFE, "vm-gone", known.name, *said, consequence, step, (known.name,))


def _taken(vm: LiveVm, folder: str) -> Finding:
    said = f"is there already, in {folder} ({len(vm.disks)} disks)", "no VM of this name"
    consequence = "The engine's state does not know it: vCenter would refuse a second one, and nothing would be applied after it"
    step = "If it is this stack's, bring its state back (docs/edits.md, Coming back); else rename it or edit site.name and vsphere.folder"
    return Finding(Level.UNSAFE, "vm-exists", vm.name, *said, consequence, step, (vm.name,))


def _unasked(name: str, problem: Problem) -> Finding:
    said = f"can't be compared with its ledger: {problem.path}: {problem.value} {problem.rule}", "an answer"
    step = f"{problem.remedy[:1].upper()}{problem.remedy[1:]}; then apply again"
    return Finding(Level.UNSAFE, "unasked", name, *said, "What can't be compared is not changed", step, (name,))
