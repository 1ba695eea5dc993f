"""Four GiB hold a scanner with ClamAV's least memory, and not with what ClamAV prefers."""

import pytest

from sizing import size
from tests.sizing.platforms import SERVERS, platform


@pytest.mark.parametrize(("scan_gib", "need_gib", "fits"), [(3, 3.75, True), (3.25, 4.0, True), (3.26, 4.01, False), (4, 4.75, False)])
def test_gateway_default_of_4_gib(scan_gib: float, need_gib: float, fits: bool) -> None:
    for need in size(platform({"gateway.scan_memory_gib": scan_gib})).memory:
        assert need.need_gib == need_gib
        assert (need.need_gib <= need.declared_gib) is fits


def test_each_scanner_is_named_with_its_own_memory() -> None:
    needs = size(platform({f"{SERVERS['scanner-2']}.memory_gib": 8})).memory
    assert [(need.vm, need.declared_gib) for need in needs] == [("scanner-1", 4), ("scanner-2", 8)]
