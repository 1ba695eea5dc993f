"""The Pulumi program: a stack's description, its plan, a look at the vCenter, and then the platform."""

import os

import pulumi

import checks
import components
import config
import plan


def main() -> None:
    """Refuse what may not stand, with every reason at once; apply the rest."""
    inputs = components.stack_inputs()
    try:
        planned = plan.build(config.parse(inputs.sections, config.describing(inputs.file, inputs.sections)))
        login = checks.credentials(inputs.vsphere, os.environ)
        bindings = checks.preflight(planned, login)
    except config.Refused as refused:
        raise pulumi.RunError(str(refused)) from None
    vcenter = components.provider(
        login.server, login.user, login.password.get_secret_value(), allow_unverified_ssl=login.allow_unverified_ssl
    )
    platform = components.MailPlatform(
        planned.site, components.MailPlatformArgs(planned, bindings), pulumi.ResourceOptions(provider=vcenter)
    )
    pulumi.export("datastores", platform.datastore_ids)
    pulumi.export("vms", platform.vm_ids)
    pulumi.export("files", platform.files)


main()
