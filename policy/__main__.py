"""Where the engine starts the pack: `pulumi preview --policy-pack policy`."""

from policy.pack import serve

serve()
