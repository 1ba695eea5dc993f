"""Snapshots: whether there is room for one, what those that are there will take, and the taking and removing of them."""
