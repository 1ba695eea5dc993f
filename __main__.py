"""The Pulumi program: a stack's description, its plan, a look at the vCenter, and then the platform."""

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
        login = checks.credentials(inputs.vsphere)
        look = checks.preflight(planned, login)
    except config.Refused as refused:
        components.refuse(config.located(refused.problems, file))
    vcenter = components.provider(login.server, login.user, login.password.get_secret_value(), login.allow_unverified_ssl)
    await components.refuse_at_first(vcenter, config.located(look.existing, file))
    args = components.MailPlatformArgs(planned, look.bindings, lambda: checks.last_look(platform, planned, login, inputs.file, inputs.root))
    await components.apply(args, vcenter)


pulumi.run(main)
