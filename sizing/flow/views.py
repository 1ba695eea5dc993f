"""What the engines answer, known without loading Ibis."""

import pyarrow as pa

BINS_PER_DOUBLING = 32
HOURS, SIZES, DELAYS, QUEUEING, CODES = "hours", "sizes", "delays", "queueing", "codes"
"""The views that the answer holds, told apart by its column `view`."""

ANSWER = pa.schema(
    {
        "view": pa.string(),
        "host": pa.string(),
        "hour": pa.int64(),
        "kind": pa.int8(),
        "status": pa.int8(),
        "direction": pa.int8(),
        "bin": pa.int64(),
        "events": pa.int64(),
        "firsts": pa.int64(),
        "bytes": pa.float64(),
        "recipients": pa.float64(),
    }
)
KEYS, AMOUNTS = ANSWER.names[:7], ANSWER.names[7:]
"""What is counted by what: of the same keys in two answers, the amounts add up."""
