"""What may be wrong with logs and yet be accepted, by name; known without loading an engine."""

from enum import StrEnum


class Accept(StrEnum):
    """A kind of doubt in what logs say; unless it is accepted by this name, the logs are refused."""

    UNREADABLE_LINES = "unreadable-lines"
    """More lines of a file than now and then one have no stamp, or are cut or broken."""
    MIXED_FORMATS = "mixed-formats"
    """One file has lines of different formats or stamps."""
    LONG_LINES = "long-lines"
    """A good part of a file is lines too long to be read."""
    IMPOSSIBLE_SIZES = "impossible-sizes"
    """Messages of no bytes, or of more than any message has."""
    DAMAGED_FILE = "damaged-file"
    """A file can't be read to its end."""
    OUT_OF_ORDER = "out-of-order"
    """Parts of a file come after later ones, or a file begins before an older one of its set ends."""
    ONE_HOST_MISSING = "one-host-missing"
    """Days that other hosts' logs cover are not in one host's."""
    GAP = "gap"
    """A host's log has nothing for hours in which it mostly has much."""
