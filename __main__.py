"""The Pulumi program: a stack's description, its plan, a look at the vCenter, and then the platform."""

import os
from pathlib import Path

import pulumi

import checks
import components
import config
import plan


async def main() -> None:
    """Refuse what may not stand, with every reason at once; apply the rest."""
    inputs = components.stack_inputs()
    file = config.describing(inputs.file, inputs.sections)
    try:
        platform = config.parse(inputs.sections, file)
        planned = plan.build(platform)
        login = checks.credentials(inputs.vsphere, os.environ)
        look = checks.preflight(planned, login)
    except config.Refused as refused:
        components.refuse(config.located(refused.problems, file))
    vcenter = components.provider(login.server, login.user, login.password.get_secret_value(), login.allow_unverified_ssl)
    if look.existing and await components.is_first_preview(vcenter):
        components.refuse(config.located(look.existing, file))
    last_line = checks.LastLine(platform, planned, login, checks.place(inputs.file, Path(__file__).parent, os.environ))
    args = components.MailPlatformArgs(planned, look.bindings, last_line)
    components.export(components.MailPlatform(planned.site, args, pulumi.ResourceOptions(provider=vcenter)))
    await components.registrations_begun()


pulumi.run(main)
