"""The whole description of a platform: one frozen value."""

from typing import Annotated

from pydantic import Field

from config.base import Model
from config.mail import MailFlow
from config.review import Review
from config.risk import RiskTarget
from config.roles import Directory, Gateway, LogArchive, Spool
from config.scenarios import Scenario
from config.servers import Server, servers
from config.services import Access, Balancers, Dns
from config.storage import SnapshotPolicy, Storage
from config.types import Name
from config.vsphere import Network, Site, VSphere


class Data(Model):
    """What may happen to mail data."""

    disposable: Name | None = None
    """The stack's own site name, if its data may be destroyed with it; without it nothing deletes mail data."""


class Platform(Model):
    """Everything a stack says. Each field is one `mailstead:` key of the stack file."""

    site: Site
    vsphere: VSphere
    networks: Annotated[dict[Name, Network], Field(min_length=1)]
    storage: Storage
    flow: MailFlow
    gateway: Gateway
    spool: Spool
    directory: Directory
    balancers: Balancers
    log_archive: LogArchive
    dns: Dns
    access: Access
    snapshots: SnapshotPolicy = SnapshotPolicy()
    risk: RiskTarget | None = None
    data: Data = Data()
    review: Review = Review()
    scenarios: dict[Name, Scenario] = {}
    """What-ifs by name."""

    @property
    def servers(self) -> tuple[Server, ...]:
        """Every server of the platform."""
        return tuple(servers(self.gateway, self.spool, self.directory, self.balancers, self.log_archive))
