"""The one variable of a VM that Mailstead reads: what the guest says of its mail queue (`checks.queues` judges it)."""

VARIABLE = "guestinfo.mailstead.queue"  # the guest writes it with VMware Tools, vCenter shows it
PROPERTY = f'config.extraConfig["{VARIABLE}"]'  # this one alone: others may hold secrets
