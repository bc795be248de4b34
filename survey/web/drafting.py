"""Drafts."""

from datetime import datetime

from litestar.datastructures import State


async def finish_left_drafts(state: State, now: datetime) -> None:
    """Nothing yet."""
