"""What the replays assume beside the stack and the constants of sizing."""

CONSOLIDATION_GIB_PER_HOUR = 200.0  # GiB/h; what a VM's consolidation merges, 57 MiB/s; figure: an array with other work to do
HELD_HOURS = 72  # h; the longest that a snapshot should live; VMware KB 318825
FORGOTTEN_HOURS = 400  # h; longer than any datastore of the sized platform lasts that ever fills
FORGOTTEN_STEP_HOURS = 4.0  # h; how often is looked meanwhile; the simulator itself tells when something stops
RESCUE_HOURS = 0.25  # h; for a delta of less than a GiB to be merged, and again for the guest to write
LOST_HOURS = 4.0  # h; how long the fabric is away; figure
ACCURACY = 0.02  # of the hours foretold; a delta has data of its own (1 %), which sizing counts only where it ends
TICK_HOURS = 1 / 60  # h; the simulator's time goes in steps of a minute
SETTLING_HOURS = 60  # h; a consolidation that lasts longer is a failure
