"""Gateway features: ours support everything, older ones only the first part of the protocol."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

from ..errors import BadParameter
from ..i18n import Text
from ..protocol.parameters import PARAMETERS

if TYPE_CHECKING:
    from ..protocol.models import GenerateRequest, ImageRef


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The features that a gateway supports, so that no others are offered.

    ``cancel``, ``retry``, ``delete`` and ``marks`` are actions on a task; marks are stars, titles,
    labels, folders; ``engines``: there are some to choose
    from; ``parameters``: duration, aspect ratio and the like are honoured; ``images``: several,
    with roles; ``samples``: it serves a sample image; ``batches``: tables are accepted
    whole.
    """

    cancel: bool = True
    retry: bool = True
    delete: bool = True
    marks: bool = True
    engines: bool = True
    parameters: bool = True
    images: bool = True
    samples: bool = True
    batches: bool = True


OURS: Final = Capabilities()
OLDER: Final = Capabilities(*[False] * len(fields(Capabilities)))


def fit_older(request: GenerateRequest, place: str) -> tuple[GenerateRequest, tuple[Text, ...]]:
    """Return a request that an older gateway accepts, and what it will ignore.

    Raises:
        BadParameter: it would generate a different video.
    """
    if request.engine is not None:
        raise BadParameter(_NO_ENGINES(place=place, name=request.engine))
    if request.notify is not None:
        raise BadParameter(_NO_NOTIFY(place=place))
    names = [parameter.name for parameter in PARAMETERS]
    ignored = [name for name in names if getattr(request, name) is not None]
    notes = (_MAY_IGNORE(place=place, names=", ".join(ignored)),) if ignored else ()
    return _one_image(request, place), notes


def _one_image(request: GenerateRequest, place: str) -> GenerateRequest:
    """Move the only image to the field that older gateways read."""
    images = request.images or []
    if not images:
        return request
    own = request.image_attachment is not None or request.image_url is not None
    if own or len(images) > 1 or images[0].role != "first":
        raise BadParameter(_ONE_IMAGE(place=place))
    [image] = images
    if image.task is not None:
        raise BadParameter(_NO_FRAMES(place=place))
    return request.model_copy(update={"images": None, **_as_first(image)})


def _as_first(image: ImageRef) -> dict[str, object]:
    return {"image_attachment": image.attachment, "image_url": image.url}


_NO_ENGINES = Text(
    "The older gateway at {place} has no engines to choose from. Remove "
    "engine={name!r} (or VIDEOGEN_ENGINE), or use a gateway that has that engine. Nothing "
    "was sent.",
    "{place} 是旧版网关，不能选择引擎。请去掉 engine={name!r}（VIDEOGEN_ENGINE），"
    "或改用提供该引擎的网关。未发送任何请求。",
)
_NO_NOTIFY = Text(
    "The older gateway at {place} does not support webhooks. Remove notify=…. Nothing was sent.",
    "{place} 是旧版网关，不会调用 webhook。请去掉 notify=…。未发送任何请求。",
)
_ONE_IMAGE = Text(
    "The older gateway at {place} accepts only one image, as the first frame. Pass "
    "only the first frame. Nothing was sent.",
    "{place} 是旧版网关，只支持一张图片作为首帧。请只提供一张图片。未发送任何请求。",
)
_NO_FRAMES = Text(
    "The older gateway at {place} cannot take a frame from a task. Pass the video "
    "instead: after=video. Nothing was sent.",
    "{place} 是旧版网关，无法从任务中取出画面。请改用 after=video 传入视频。未发送任何请求。",
)
_MAY_IGNORE = Text(
    "The older gateway at {place} may ignore: {names}.",
    "{place} 是旧版网关，可能会忽略：{names}。",
)
