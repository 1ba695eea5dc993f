"""Asks a vCenter and turns what it answers into frozen values: a session, what it may read, and looks at sites, hosts, disks and chains."""
