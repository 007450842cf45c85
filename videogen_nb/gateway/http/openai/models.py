"""``/v1/models``: the engines that are ready, as the ``openai`` SDK lists models."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from starlette.responses import Response

from ....protocol.models import WireModel
from ...refusals import Refusal
from ..context import gateway_of, requester_of
from ..errors import OPENAI

router = APIRouter(prefix=f"{OPENAI}/models", tags=["openai"])


class Model(WireModel):
    """An engine. ``created`` is when this gateway started."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str = "videogen-nb"


class ModelList(WireModel):
    """All of them; the default comes first."""

    object: Literal["list"] = "list"
    data: list[Model]


@router.get("", responses={200: {"model": ModelList}})
async def list_models(request: Request) -> Response:
    """List the engines that are ready: the values that `model` in `/v1/videos` can have."""
    return _json(ModelList(data=_models(request)))


@router.get("/{model}", responses={200: {"model": Model}})
async def retrieve_model(request: Request, model: str) -> Response:
    """Return one engine that is ready."""
    found = next((one for one in _models(request) if one.id == model), None)
    if found is None:
        raise Refusal("model_not_found", name=model[:100])
    return _json(found)


def _models(request: Request) -> list[Model]:
    gateway = gateway_of(request)
    listed = gateway.registry.listed(requester_of(request).language, [])
    ready = [engine.name for engine in listed.engines if engine.ready]
    ready.sort(key=lambda name: name != listed.default)
    return [Model(id=name, created=int(gateway.started_at)) for name in ready]


def _json(answer: Model | ModelList) -> Response:
    return Response(answer.model_dump_json(), media_type="application/json")
