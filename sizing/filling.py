"""How full mailboxes are taken to be: what their disks need by quota and by fill, side by side, whichever of the two the stack sizes by."""

from config.base import Model
from config.platform import Platform
from config.roles import SizedBy
from sizing import spool
from sizing.growth import grown
from sizing.model import total
from sizing.terms import with_file_system
from sizing.units import show


class Filling(Model):
    """What the mail disk of each mailbox server needs by quota, and by fill where the stack says how full mailboxes are."""

    sized_by: SizedBy
    quota_gib: float
    """What a mailbox may hold."""
    fill_gib: float | None
    """What it is foreseen to hold at the end of the planning time, Junk included, mean; None where nobody says what it holds today."""
    by_quota_gib: float
    """Need of the disk if every mailbox is full."""
    by_fill_gib: float | None
    """Need of the disk if mailboxes are as full as foreseen."""
    promised: float | None
    """Quotas ÷ what mailboxes are foreseen to hold: above 1 a disk that is sized by fill is promised more than once."""


def filling(platform: Platform) -> Filling:
    """Both needs of a mailbox server's mail disk; all such servers have the same."""
    quota, flow = platform.spool.quota_gib, grown(platform.flow)
    full = _sized_by(platform, SizedBy.QUOTA)
    filled = _sized_by(platform, SizedBy.FILL) if platform.spool.mean_mailbox_gib is not None else None
    box = spool.mailbox(filled, flow) if filled else None
    fill = box.filed.value + box.junk.value if box else None
    return Filling(
        sized_by=platform.spool.sized_by,
        quota_gib=quota,
        fill_gib=fill,
        by_quota_gib=total(with_file_system(spool.mail(full, flow))),
        by_fill_gib=total(with_file_system(spool.mail(filled, flow))) if filled else None,
        promised=quota / fill if fill else None,
    )


def told(found: Filling) -> str:
    """In a few sentences both needs, and what sizing by fill risks."""
    by_quota = (
        f"by quota ({show(found.quota_gib)} GiB a mailbox, every one full) a mailbox server's mail disk needs {found.by_quota_gib:,.1f} GiB"
    )
    if found.by_fill_gib is None or found.fill_gib is None:
        return f"Mailboxes are sized by quota: {by_quota}. By fill is not known: spool.mean_mailbox_gib says how full they are."
    by_fill = f"by fill ({found.fill_gib:.3g} GiB a mailbox at the end of the planning time) {found.by_fill_gib:,.1f}"
    both = f"Mailboxes are sized by {found.sized_by}: {by_quota}, {by_fill}."
    if found.sized_by is SizedBy.QUOTA:
        return both
    ratio = f"are {found.promised:,.2f} × what the disk is sized for" if found.promised else "promise what nothing is kept for"
    return f"{both} Quotas {ratio}: if users fill them, the disk is full before any quota is, and no mail is delivered."


def _sized_by(platform: Platform, policy: SizedBy) -> Platform:
    return platform.model_copy(update={"spool": platform.spool.model_copy(update={"sized_by": policy})})
