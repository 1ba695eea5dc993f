"""What the program and the SDK owe each other."""

import asyncio

import pulumi
from pulumi.runtime.rpc_manager import RPCManager
from pulumi.runtime.settings import _get_rpc_manager

from components import registrations_begun
from tests.components.recording import Recording


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
