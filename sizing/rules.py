"""The constants of sizing: one a line, with its unit, its reason, and its source.

"Figure" marks a value that nobody publishes: an assumption of this project, to be measured on the site. Limits of vSphere stand in
`config.types` and `config.storage`; what a stack may change stands in the models of `config`.
"""

# System disk
OPERATING_SYSTEM_GIB = 5  # GiB; a server installation without desktop; Ubuntu Server's minimum is 5 GB
JOURNAL_GIB = 4  # GiB; the system's own journal: 10 % of its file system, at most this; journald.conf(5), SystemMaxUse
DEFINITIONS_GIB = 5  # GiB; virus and spam definitions, old and new side by side; ClamAV manual asks 5 GB beside the system's
SCAN_THREADS = 10  # scans at a time; clamd.conf(5), MaxThreads
SCAN_LIMIT_MIB = 400  # MiB; unpacked at most from one message; clamd.conf(5), MaxScanSize
SPOOL_SOFTWARE_GIB = 10  # GiB; mail suite with room for its upgrade; figure, after Zimbra's installation guide

# File systems and queues
BLOCK_KIB = 4  # KiB; a file's last block is partly empty, so a file costs at most one block more; ext4, mke2fs.conf(5)
INODE_KIB = 16  # KiB; one inode is made for each, so a file needs at least this much disk; ext4, mke2fs.conf(5) inode_ratio
FILE_SYSTEM_FRACTION = 0.07  # of a disk; reserved blocks .05, inode tables 256 B ÷ 16 KiB = .016, journal; ext4, mke2fs(8)

# Gateway
AUDIT_LOG_BYTES = 800  # B; an entry for a recipient in the message audit log, the conservative reading; Broadcom KB 179052
HOLD_HOURS = 6  # h; until a message held as suspect is scanned again; Broadcom KB 162441
QUARANTINE_DATABASE_FRACTION = 0.20  # of the messages; database overhead as Exchange's markup; Microsoft TechNet bb738147
EXPUNGE_DAYS = 1  # d; expired messages stay until the nightly expunger; Symantec gateway administration guide
SCAN_BUSY_FRACTION = 0.70  # of a core's time at most in the busy hour: beyond it waiting grows faster than mail; figure, common practice

# Spool
RECOVERABLE_FRACTION = 0.012  # of the quota; single-item recovery for 14 days; Microsoft, Sizing Exchange 2013
VERSIONS_FRACTION = 0.03  # of the quota; versions of calendar items; Microsoft, Sizing Exchange 2013
REDO_LOG_FILE_GIB = 1  # GiB; the current redo log at most (1,048,576 KiB); Zimbra source, RedoConfig
LDAP_MAP_FACTOR = 5  # map ÷ data; readers keep old pages while writers copy; Symas, LMDB sizing guide

# Logs
LOG_LINE_BYTES = 200  # B; a syslog line of a mail server; figure
LINES_PER_MESSAGE = 6  # lines; connect, client, message id, queue, removed, disconnect; Postfix
LINES_PER_RECIPIENT = 1  # lines; a delivery; Postfix
LINES_PER_STORED_COPY = 2  # lines; delivered and filed, at the mailbox server; figure
LINES_PER_SESSION = 4  # lines; connect, log in, what was done, disconnect; figure
LINES_PER_LOOKUP = 4  # lines; connection, operation, result, close; OpenLDAP loglevel stats
LINES_PER_CONNECTION = 1  # lines; HAProxy tcplog
SESSIONS_PER_USER = 100  # a day; a client that looks for mail each 5 minutes for 8 hours; figure

# Memory
OPERATING_SYSTEM_MEMORY_GIB = 0.5  # GiB; a server without desktop, with a little file cache; figure
MTA_MEMORY_GIB = 0.25  # GiB; 100 processes of 2.5 MiB; postconf(5), default_process_limit, the size is a figure
CLAMAV_MEMORY_GIB = 3  # GiB; 2.4 of it while signatures reload; ClamAV manual: 3 at least, 4 preferred
FILTER_MEMORY_GIB = 0.7  # GiB; a spam filter's process with its rules; rspamd, a worker's resident size in its published measurement
MEMORY_SNAPSHOT_EXTRA_MIB = 1.3  # MiB; a memory snapshot's file beside the memory itself; measured (.vmsn of a 4 GiB VM)

# Deltas of snapshots
SPARSE_HEADER_BYTES = 2048  # B; the header of a vmfsSparse delta; derived from the sizes of real files
SPARSE_TABLE_MIB = 2  # MiB of the disk for each grain table of a vmfsSparse delta; as above
SPARSE_ENTRY_BYTES = 4  # B; what points to a grain table, there from the start; as above
SPARSE_TABLE_BYTES = 16_384  # B; a grain table, made when it is written to; 1/128 of the disk, VMware KB 1012384's overhead
SE_SPARSE_FRACTION = 0.001953125  # of a disk; an SEsparse delta's grain tables, 8 B for each 4 KiB; QEMU, block/vmdk.c

# Share of a disk that is rewritten in a day
SCANNER_CHANGE_PER_DAY = 0.15  # of a disk; queues are rewritten all day; the most that a published vSphere design allows for (J. Odgers)
MTA_CHANGE_PER_DAY = 0.15  # of a disk; as a scanner's; figure
CONTROL_CENTER_CHANGE_PER_DAY = 0.10  # of a disk; database and quarantine; Veeam's sizing default
MAILBOX_CHANGE_PER_DAY = 0.05  # of a disk; Veeam: mid and large systems change 2 to 5 % a day
DIRECTORY_CHANGE_PER_DAY = 0.02  # of a disk; mostly read; figure
BALANCER_CHANGE_PER_DAY = 0.02  # of a disk; logs only; figure
LOG_ARCHIVE_CHANGE_PER_DAY = 0.02  # of its system disk; logs only, its archive disk takes what arrives; figure
