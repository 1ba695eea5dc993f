"""The story, told once for all tests of it."""

import pytest

import incident
from tools import workspace


@pytest.fixture(scope="session")
def simulated() -> None:
    """The simulated vCenter; without it the tests that need it are skipped, and say so."""
    if not workspace.VCSIM.is_file():
        pytest.skip("no simulated vCenter here: run python3 tools/bootstrap.py")


@pytest.fixture(scope="session")
def story(simulated: None) -> incident.Story:
    """All replays, as `mailstead demo incident` runs them."""
    return incident.story()
