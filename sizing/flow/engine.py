"""The names of the engines, known without loading one."""

from enum import StrEnum


class Engine(StrEnum):
    """What reads the logs and asks the events."""

    DUCKDB = "duckdb"
    """In this process."""
    SPARK = "spark"
    """On a cluster: sets of files beside each other."""
