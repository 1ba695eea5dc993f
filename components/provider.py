"""The provider for one vCenter. Its password is a secret in the state, wherever it came from."""

import pulumi
import pulumi_vsphere as vsphere

API_TIMEOUT_MINUTES = 60  # the provider's 5 is too short for growing or copying a mail store's disks


def provider(server: str, user: str, password: str, allow_unverified_ssl: bool) -> vsphere.Provider:
    """The provider that every resource of the platform uses."""
    return vsphere.Provider(
        "vcenter",
        vsphere_server=server,
        user=user,
        password=pulumi.Output.secret(password),
        allow_unverified_ssl=allow_unverified_ssl,
        api_timeout=API_TIMEOUT_MINUTES,
        opts=pulumi.ResourceOptions(additional_secret_outputs=["password"]),
    )
