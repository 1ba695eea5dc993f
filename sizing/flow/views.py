"""The names of what is asked of the events, known without loading Ibis."""

BINS_PER_DOUBLING = 32
HOURS, SIZES, DELAYS, QUEUEING, CODES = "hours", "sizes", "delays", "queueing", "codes"
"""The views that the answer holds, told apart by its column `view`."""
COLUMNS = ("view", "host", "hour", "kind", "status", "direction", "bin", "events", "firsts", "bytes", "recipients")
