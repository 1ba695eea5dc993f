"""What the program and the SDK owe each other."""

import asyncio

import pulumi
import pytest
from pulumi.runtime.rpc_manager import RPCManager
from pulumi.runtime.settings import _get_rpc_manager

from components import stack_inputs
from components.engine import registrations_begun
from config import Decrypted
from tests.components.recording import Recording


def test_what_the_engine_decrypted_does_not_reach_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG", '{"mailstead:site": "{\\"name\\": \\"s3cret\\"}", "mailstead:data": "{}", "vsphere:user": "me"}')
    monkeypatch.setenv("PULUMI_CONFIG_SECRET_KEYS", '["mailstead:site", "vsphere:user"]')
    monkeypatch.setattr(pulumi, "get_project", lambda: "mailstead")

    found = stack_inputs()

    assert found.sections["data"] == {}
    assert isinstance(found.sections["site"], Decrypted)
    assert found.vsphere == {"user": "me"}
    assert "s3cret" not in repr(vars(found))


def test_the_sdk_knows_of_every_registration_when_the_program_ends(recording: Recording) -> None:
    """Without the wait it knows of none; if that changes with the SDK, the wait may go."""

    async def program() -> tuple[int, int]:
        manager: RPCManager = _get_rpc_manager()
        manager.clear()
        for number in range(3):
            pulumi.ComponentResource("test:index:Part", f"part-{number}")
        before = len(manager.rpcs)
        await registrations_begun()
        began = len(manager.rpcs)
        await asyncio.gather(*manager.rpcs)
        return before, began

    assert asyncio.get_event_loop().run_until_complete(program()) == (0, 3)
    assert sorted(args.name for args in recording.resources) == ["part-0", "part-1", "part-2"]
