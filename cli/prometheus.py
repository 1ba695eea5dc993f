"""A status of snapshots in the text format of Prometheus (exposition format 0.0.4), for a node exporter's textfile collector."""

import math
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from checks.snapshots.status import Status
from sizing.units import GIB, SECONDS_PER_HOUR

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})

Sample = tuple[dict[str, str], float]


class Metric(NamedTuple):
    """A gauge with its samples."""

    name: str
    meaning: str
    samples: list[Sample]


def text(status: Status) -> str:
    """The metrics of a status; a metric without samples is named all the same, so that its absence can be told from zero."""
    return "".join(line + "\n" for metric in _metrics(status) for line in _lines(metric))


def _lines(metric: Metric) -> Iterator[str]:
    name = f"mailstead_{metric.name}"
    yield f"# HELP {name} {metric.meaning}"
    yield f"# TYPE {name} gauge"
    for labels, value in metric.samples:
        pairs = ",".join(f'{key}="{text.translate(_ESCAPES)}"' for key, text in labels.items())
        yield f"{name}{{{pairs}}} {_number(value)}" if pairs else f"{name} {_number(value)}"


def _number(value: float) -> str:
    return "+Inf" if math.isinf(value) else repr(round(value, 6))


def _metrics(status: Status) -> Iterator[Metric]:
    stores = [({"datastore": s.datastore}, s) for s in status.stores]
    made = [({"vm": s.vm, "snapshot": s.snapshot, "id": s.id, "created": s.created.isoformat()}, s) for s in status.snapshots]
    deltas = [({"vm": d.vm, "disk": d.disk, "datastore": d.datastore, "file": d.file}, d) for d in status.deltas]
    orphaned = Counter(status.unconsolidated)  # two VMs may have one name, and a collector refuses a file that says one thing twice
    never = math.inf
    full = [(of, never if s.hours_to_full is None else s.hours_to_full * SECONDS_PER_HOUR) for of, s in stores]
    per_second = GIB / SECONDS_PER_HOUR
    yield Metric("datastore_capacity_bytes", "Capacity of a datastore.", [(of, s.capacity_gib * GIB) for of, s in stores])
    yield Metric("datastore_free_bytes", "Free space; of a thin LUN what the array has left.", [(of, s.free_gib * GIB) for of, s in stores])
    yield Metric("datastore_full_seconds", "Until deltas fill it as they grow now; +Inf is never.", full)
    yield Metric("datastore_snapshot_vms", "VMs on it that have snapshots.", [(of, s.vms_with_snapshots) for of, s in stores])
    yield Metric("snapshot_age_seconds", "Age of a snapshot.", [(of, s.age_hours * SECONDS_PER_HOUR) for of, s in made])
    yield Metric("snapshot_size_bytes", "What was written since a snapshot, until the next.", [(of, s.size_gib * GIB) for of, s in made])
    yield Metric("delta_size_bytes", "All deltas of a disk.", [(of, d.size_gib * GIB) for of, d in deltas])
    yield Metric("delta_growth_bytes_per_second", "How fast a disk's delta grows.", [(of, d.gib_per_hour * per_second) for of, d in deltas])
    yield Metric("vm_unconsolidated", "VMs with deltas that no snapshot has.", [({"vm": vm}, times) for vm, times in orphaned.items()])
    yield Metric("snapshot_look_timestamp_seconds", "When vCenter was asked, by its clock.", [({}, status.at.timestamp())])
