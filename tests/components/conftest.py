"""A platform built by mocks: what the components ask the engine for."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pulumi
import pytest

import config
from components.mail_platform import MailPlatform, MailPlatformArgs
from plan import Plan, build
from plan.bindings import Bindings, TemplateFacts
from tests.components.recording import Recording, finished

BINDINGS = Bindings(
    datacenter_id="datacenter-2",
    cluster_id="domain-c8",
    resource_pool_id="resgroup-9",
    host_id="host-21",
    hosts={f"esx-{n}.campus.example": f"host-2{n}" for n in (1, 2, 3)},
    networks={"mail": "network-7", "mail-test": "network-8"},
    templates={
        "ubuntu-22.04": TemplateFacts(uuid="42-template", guest_id="ubuntu64Guest", firmware="bios", scsi_type="pvscsi", system_disk_gib=20)
    },
    datastores={"templates": "datastore-1", "spool-fc": "datastore-9"},
)


@pytest.fixture(autouse=True)
def _fresh_loop() -> Iterator[None]:
    """Each test has its own event loop, so that what a component queued never runs in the next test."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    loop.close()


@pytest.fixture
def campus() -> config.Platform:
    """The campus stack."""
    return config.load(config.locate("campus"))


@pytest.fixture
def demo() -> config.Platform:
    """The demo stack, whose data is disposable."""
    return config.load(config.locate("demo"))


@pytest.fixture
def recording() -> Recording:
    """Fresh mocks, in force."""
    mocks = Recording()
    pulumi.runtime.set_mocks(mocks, project="mailstead", stack="test", preview=False)
    return mocks


@dataclass(frozen=True)
class Applied:
    """A platform that was built to its end: what was asked for, and the outputs as values."""

    plan: Plan
    recording: Recording
    outputs: dict[str, Any]


@pytest.fixture
def apply(recording: Recording) -> Callable[[config.Platform], Applied]:
    """Builds a platform under the mocks and waits for its end, so that tests assert on plain values.

    An assertion inside an output may silently never run; none of these tests has one.
    """

    def applied(platform: config.Platform) -> Applied:
        plan = build(platform)
        seen: list[dict[str, Any]] = []

        @finished
        def program() -> pulumi.Output[None]:
            made = MailPlatform(plan.site, MailPlatformArgs(plan, BINDINGS))
            outputs = pulumi.Output.all(datastore_ids=made.datastore_ids, vm_ids=made.vm_ids, files=made.files)
            return outputs.apply(seen.append)

        program()
        assert len(seen) == 1, "the program did not run to its end"
        return Applied(plan, recording, seen[0])

    return applied
