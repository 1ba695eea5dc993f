"""What the compiled readers write: a table of whole numbers, a row for each event. `events` says what each number means."""

from sizing.flow.compiled import Event, compiled

TIME = 0  # ms on the host's own clock; of a stamp without a year, ms since the start of a leap year
DATED = 1  # 1: the stamp has a year
HOST = 2  # fingerprint of the host's name, 0 where the line names none; after stitching, its number
HOST_AT = 3  # where in the block the name starts; -1: the line has none
KIND = 4
QUEUE_ID = 5  # fingerprint; 0: none
SIZE = 6  # B; -1: unknown
ONWARD = SIZE  # of a delivery, until it is stitched: fingerprint of the queue id that the answer names
CLIENT = SIZE  # of a received message, until it is stitched: fingerprint of the client's address; 0: it logged in
RECIPIENTS = 7  # -1: unknown
RELAY = RECIPIENTS  # of a delivery, until it is stitched: fingerprint of the address that it went to
DELAY = 8  # ms; -1: unknown; the next four are its parts
BEFORE_QUEUE = 9
IN_QUEUE = 10
CONNECTING = 11
SENDING = 12
STATUS = 13
DIRECTION = 14
CODE = 15  # enhanced status code x.y.z as x·10,000 + y·100 + z (RFC 3463); -1: unknown
FIRST = 16  # 1: the first of its kind and status for the message
COLUMNS = 17
STAMPED_AT = COLUMNS  # beside the event, while lines are read: where in the block the stamp stands that TIME and DATED are of
IN_STORE = COLUMNS + 1  # 1: the last line with a stamp was mailbox.log's, whose entries go on over lines without one
WORKING = COLUMNS + 2

LOOPBACK_ADDRESS = 1  # what stands for all addresses of the loopback

# Kinds
RECEIVED, QUEUED, DELIVERY, REMOVED, REJECTED, VERDICT, STORED, EXPIRED, OPENED = range(9)

# Statuses
NO_STATUS, SENT, DEFERRED, BOUNCED, FORWARDED, HANDED, OTHER_STATUS, CLEAN, SPAM, VIRUS = range(10)

# Directions
UNKNOWN, INBOUND, OUTBOUND, LOCAL, REENTERED, LOOPBACK = range(6)

# What became of a line
EVENT, UNNEEDED, OTHER_PROGRAM, UNREADABLE, BROKEN, EMPTY, OVERLONG = range(7)
OUTCOMES = 7

# What else is counted of a file's lines: those of each format, those that say a size, and the impossible ones of these
YEARLESS, WITH_YEAR, STORE_LINE, SIZED, ZERO_SIZE, ABSURD = range(6)
TALLIES = 6


@compiled
def clear(event: Event) -> None:
    """Make everything of an event unknown but its time and host."""
    for column in range(KIND, COLUMNS):
        event[column] = -1
    event[QUEUE_ID] = event[STATUS] = event[DIRECTION] = event[FIRST] = 0
