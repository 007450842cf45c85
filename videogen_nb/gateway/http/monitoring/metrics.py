"""``GET /metrics``, in the text format of Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Request
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.responses import Response

from ...refusals import Refusal
from ..context import gateway_of, person_of

router = APIRouter(tags=["gateway"])


@router.get("/metrics", response_class=Response)
async def metrics(request: Request) -> Response:
    """Report queues, ended tasks, durations, spending and bytes, for Prometheus.

    For teachers and services: it reveals what everyone has spent, but no names.
    """
    person = person_of(request)
    if not person.sees_all and person.role != "service":
        raise Refusal("not_for_students")
    text = await gateway_of(request).metrics.text()
    return Response(text, media_type=CONTENT_TYPE_PLAIN_0_0_4)
