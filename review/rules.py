"""What a review looks for: each rule with its level and its wording, in one place.

Deliberately finds nothing: the lenses say where a rule applies, and with which facts.
"""

from typing import NamedTuple

from config.findings import Finding, Level


class Rule(NamedTuple):
    """How a finding of a rule reads; names in braces are facts of the case."""

    level: Level
    expected: str
    consequence: str
    next_step: str


RULES = {
    "disks-unseen": Rule(
        Level.UNSAFE,
        "disks that a preview shows",
        "Nobody can say whether one of them is dropped, exchanged or shrunk",
        "Make what tells them apart plain values",
    ),
    "disk-destroyed": Rule(
        Level.UNSAFE,
        "a disk labelled {label}",
        "DESTROYS DATA: its file is deleted in what the preview calls an update, and protect does not stop that",
        "To keep it, {back}; to take it out, apply keepOnRemove: true first, and drop it then: that is disk-detached, and waived",
    ),
    "disk-lost": Rule(
        Level.UNSAFE,
        "a disk that outlives its VM",
        "DESTROYS DATA: its file is deleted with the VM",
        "Leave the VM as it is; to keep the file, apply keepOnRemove: true first",
    ),
    "disk-detached": Rule(
        Level.UNSAFE,
        "a disk labelled {label}",
        "DETACHES THE DISK: its file stays on the datastore, and the VM comes up without it or with a blank one",
        "To keep it in use, {back}",
    ),
    "disk-shrunk": Rule(
        Level.UNSAFE,
        "{old} GiB or more",
        "DESTROYS DATA where it is done: no file system survives a smaller disk; vSphere refuses in the middle of the apply",
        "Write {old}",
    ),
    "disk-renumbered": Rule(
        Level.UNSAFE,
        "{what} {old}",
        "DESTROYS DATA where the guest takes another disk for this one: it restarts, and may mount or format what it finds there",
        "Write {what} {old} again",
    ),
    "controller-changed": Rule(
        Level.UNSAFE,
        "{what} {old}",
        "The VM restarts on other controllers: its guest may start no more, or find its disks under other names",
        "Write {old} again",
    ),
    "disk-mode": Rule(
        Level.UNSAFE, "persistent", "DESTROYS DATA: what is written from then on is gone when the VM is powered off", "Write persistent"
    ),
    "disk-exchanged": Rule(
        Level.UNSAFE, "the file {old}", "The VM comes up with another disk in its place", "Give the other file a label of its own"
    ),
    "disk-shared": Rule(
        Level.UNSAFE,
        "a file that no other VM has",
        "DESTROYS DATA: what one VM writes destroys what the other has written",
        "Attach another file, or take it out of the other VM first, with keepOnRemove in the state",
    ),
    "disk-unlocked": Rule(
        Level.WARNING,
        "a file that one VM at a time may open",
        "Nothing stops a second VM from writing to it, and no snapshot can be taken of it",
        "Write sharingNone, unless a cluster file system is on it",
    ),
    "file-overwritten": Rule(
        Level.UNSAFE,
        "a file of its own",
        "DESTROYS DATA: what is put there takes the disk's place, unless a VM that runs has it locked",
        "Give the file another path",
    ),
    "file-moved": Rule(
        Level.UNSAFE,
        "a disk's file that stays where it is",
        "DESTROYS DATA where a file is at the new place: the move overwrites it unasked; at the old place nobody finds the disk any more",
        "Write the old place again",
    ),
    "disk-moved": Rule(
        Level.UNSAFE,
        "a disk that stays where it is",
        "Both datastores hold it while it moves, and it may then depend on another fabric, or fill what others need",
        "Check room and fabric of the new place",
    ),
    "disk-unguarded": Rule(
        Level.WARNING,
        "keepOnRemove: true",
        "The next edit that drops or relabels the disk deletes its file",
        "Write keepOnRemove: true",
    ),
    "replaced": Rule(
        Level.UNSAFE,
        "an update in place",
        "{lost}",
        "Take the edit of {reasons} back, or have the program ignore it (ignoreChanges)",
    ),
    "deleted": Rule(Level.UNSAFE, "a resource that stays", "{lost}", "Put it back into the program"),
    "released": Rule(
        Level.WARNING,
        "a resource that the stack looks after",
        "It stays in vCenter, and nobody changes or watches it from then on",
        "See to it that somebody does",
    ),
    "apart-less": Rule(
        Level.WARNING, "a rule at least as strong", "A role may then stand on one host, and stop with it", "Take the edit back"
    ),
    "made-twice": Rule(
        Level.UNSAFE,
        "one VM of that name",
        "Two VMs answer for one server: the new one has empty disks, and mail is split between them",
        "Keep the VM's logical name, or give the new name aliases; to import one that is there, give its id",
    ),
    "gone-from-vcenter": Rule(
        Level.UNSAFE,
        "what the state has",
        "The refresh no longer finds it, and the apply makes it anew, empty; what had the mail may be there still, out of reach",
        "Find out in vCenter what became of it first",
    ),
    "vm-exchanged": Rule(
        Level.UNSAFE,
        "the VM that the stack has made",
        "Another VM answers to its BIOS UUID, such as a restored or a cloned one: the apply would change that, and mail may be on either",
        "Find out in vCenter which of them has the mail first",
    ),
    "provider-changed": Rule(
        Level.WARNING,
        "version {old}",
        "Another version of the provider may plan or do something else with the same program (2.14 broke cloning)",
        "Try it on a stack that may break first, and pin the version",
    ),
    "another-vcenter": Rule(
        Level.UNSAFE,
        "{old}",
        "To another vCenter nothing of the stack exists: a refresh drops it all, and an apply makes it anew, with empty disks",
        "Log in at {old}, unless it only got another name",
    ),
    "unretained": Rule(
        Level.WARNING,
        "retainOnDelete: true",
        "The next edit that deletes or replaces it destroys it in vCenter too",
        "Write retainOnDelete: true",
    ),
    "unprotected": Rule(
        Level.WARNING,
        "protect: true",
        "The engine refuses neither its deletion nor its replacement any more",
        "Write protect: true",
    ),
    "vsan-taken-apart": Rule(
        Level.UNSAFE,
        "every disk that vSAN keeps data on",
        "DESTROYS DATA where no other disk has a copy: vSAN takes none along when disks are removed in this way",
        "Put them back; to take a disk out, evacuate it in vCenter first",
    ),
    "out-of-service": Rule(
        Level.WARNING,
        "hosts that carry VMs and reach their disks, and HA and DRS at work",
        "VMs move or stop, or after a host's failure nothing starts or spreads them",
        "Take the edit back, or see first that the other hosts suffice",
    ),
    "memory-snapshot": Rule(
        Level.WARNING,
        "memory: false",
        "The datastore needs the VM's memory on top of the delta, and the VM stands still meanwhile",
        "Write memory: false",
    ),
    "restart": Rule(
        Level.WARNING, "an update while it runs", "What it serves stops until its guest has started again", "Apply when that may be"
    ),
    "rolling-restart": Rule(
        Level.WARNING,
        "restarts by turns",
        "The next turn comes once vCenter has started the one before, whether or not its services answer yet",
        "Where a service is slow to start, change one member in each apply",
    ),
    "peers-restart": Rule(
        Level.UNSAFE,
        "one member at a time",
        "The role can be down as a whole, and mail waits",
        "Apply one at a time, {order}; or have each depend on the one before (dependsOn)",
    ),
    "peers-unseen": Rule(
        Level.UNSAFE,
        "a preview that shows the rules which keep VMs apart",
        "They may be all members of one role, and mail waits",
        "Write the preview with --show-sames, or change one VM in each apply",
    ),
    "noise": Rule(
        Level.NOTE, "no change", "The provider shows this for ever, and nothing comes of it", "Write what vCenter has, or look past it"
    ),
    "share-lost": Rule(
        Level.UNSAFE,
        "at most {most}",
        "So many at once are seldom meant: think of a wrong stack, an empty file, another name",
        "Look at the stack and at the file first",
    ),
}


def finding(rule: str, subject: str, found: str, names: tuple[str, ...], level: Level | None = None, **facts: object) -> Finding:
    """A finding of a rule, with the facts that its wording names; a level of its own where the subject decides it.

    An unsafe one says how it is let pass where it is meant.
    """
    level_, *wording = RULES[rule]
    expected, consequence, next_step = (part.format_map(facts) for part in wording)
    if (level or level_) is Level.UNSAFE:
        next_step += f"; if it is meant, the stack waives it in mailstead:review with what: {names[0]} and rule: {rule}"
    return Finding(level or level_, rule, subject, found, expected, consequence, next_step, names)
