"""What may be said about a mail platform: types, models, loading, and the problems of what was said.

Deliberately does not look at anything live and computes no size: the same file always yields the same `Platform`.
"""

from config.loading import STACKS, Decrypted, describing, load, locate, located, parse
from config.platform import Platform
from config.problems import Problem, Refused
from config.roles import Node, Role
from config.stackfile import StackFile, read
from config.storage import Fabric, Growth, Lun, SnapshotPolicy

__all__ = [
    "STACKS",
    "Decrypted",
    "Fabric",
    "Growth",
    "Lun",
    "Node",
    "Platform",
    "Problem",
    "Refused",
    "Role",
    "SnapshotPolicy",
    "StackFile",
    "describing",
    "load",
    "locate",
    "located",
    "parse",
    "read",
]
