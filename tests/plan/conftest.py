"""Stacks to plan, and edits of them as a person would make them."""

from collections.abc import Callable
from typing import Any

import pytest

import config
from config.stackfile import read

Edit = Callable[..., config.Platform]


@pytest.fixture
def edited() -> Edit:
    """The campus stack with values replaced: `edited({"storage.luns.mail-fc.size_gib": 90})`; it states no risk unless a value does."""

    def edit(changes: dict[str, Any] | None = None, stack: str = "campus") -> config.Platform:
        sections: Any = {key: section for key, section in read(config.locate(stack)).sections.items() if key != "risk"}
        for path, value in (changes or {}).items():
            *above, last = path.split(".")
            target = sections
            for step in above:
                target = target[int(step) if isinstance(target, list) else step]
            target[last] = value
        return config.parse(sections)

    return edit
