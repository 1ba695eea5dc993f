"""Makes a plan so: the only package that speaks to the Pulumi engine.

Deliberately decides nothing: sizes, names and places come from the plan, ids from its bindings.
"""

from components.engine import StackInputs, refuse, refuse_at_first, stack_inputs
from components.mail_platform import MailPlatform, MailPlatformArgs, apply
from components.provider import provider

__all__ = ["MailPlatform", "MailPlatformArgs", "StackInputs", "apply", "provider", "refuse", "refuse_at_first", "stack_inputs"]
