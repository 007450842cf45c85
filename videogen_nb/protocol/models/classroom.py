"""Responses about the queue and the people who share a gateway."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from .base import WireModel
from .engines import Spending


class QueueState(WireModel):
    """The number of everyone's waiting and running tasks.

    ``paused``: no task is started; ``paused_engines``: none of these engines.
    """

    waiting: int = 0
    running: int = 0
    paused: bool = False
    paused_engines: list[str] = Field([])


class PersonWork(WireModel):
    """A person, their tasks by status, and what they have spent.

    The name ``_owner`` stands for the gateway's owner.
    """

    name: str
    role: str
    revoked: bool = False
    limits: dict[str, Any] = Field({})
    waiting: int = 0
    running: int = 0
    made: int = 0
    failed: int = 0
    cancelled: int = 0
    spent: list[Spending] = Field([])


class PeopleAnswer(QueueState):
    """The response of ``GET /api/video-gen/people``; ``problem``: in the people file."""

    people: list[PersonWork] = Field([])
    problem: str | None = None
