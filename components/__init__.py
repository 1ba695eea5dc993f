"""Makes a plan so: the only package that speaks to the Pulumi engine.

Deliberately decides nothing: sizes, names and places come from the plan, ids from its bindings.
"""

from components.engine import StackInputs, is_first_preview, refuse, registrations_begun, stack_inputs
from components.mail_platform import MailPlatform, MailPlatformArgs, export
from components.provider import provider

__all__ = [
    "MailPlatform",
    "MailPlatformArgs",
    "StackInputs",
    "export",
    "is_first_preview",
    "provider",
    "refuse",
    "registrations_begun",
    "stack_inputs",
]
