"""Validating a caller's request before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...errors import AnswerUnreadable, BadParameter
from ...i18n import Text
from ...protocol import models
from ...protocol.parameters import check_names
from ...protocol.prompts import check_prompt
from ...protocol.values import check_filled

if TYPE_CHECKING:
    from ...protocol.models import Attachment, GenerateRequest, ImageRef

_NO_OBJECT = Text("The gateway's response is not an object.", "网关的响应不是对象。")
_UNFIT = Text("Invalid {name}: {value!r}. {reason}.", "{name}={value!r} 无效：{reason}。")
_TWO_FIRSTS = Text(
    "after= and the image would both be the first frame. Pass only one of them.",
    "after= 与图片都会作为首帧，请只提供其一。",
)
_BAD_IMAGES = Text(
    "Invalid images: {value!r}. Each must be an attachment, an image, a URL, or a dictionary "
    'such as {{"url": "…", "role": "first"}} with the role first, last, reference or video.',
    'images={value!r} 无效：每一项应为附件、图片或链接，或形如 {{"url": "…", "role": '
    '"first"}} 的字典，role 为 first、last、reference 或 video（任务的视频）。',
)


def check(prompt: str, arguments: Mapping[str, Any]) -> None:
    """Check a request before anything is uploaded or sent.

    Raises:
        BadPrompt: the prompt is empty, too long or contains control characters.
        BadParameter: a parameter is unknown.
    """
    check_prompt(prompt)
    check_names(arguments)


def check_first_frame(arguments: Mapping[str, Any]) -> None:
    """Raise BadParameter if ``after=`` and another image would both be the first frame."""
    for name in ("image_url", "attachment"):
        if arguments.get(name) is not None:
            raise BadParameter(_TWO_FIRSTS)


def as_dict(answer: Any) -> dict[str, Any]:
    """Return a response that is an object.

    Raises:
        AnswerUnreadable: it is something else.
    """
    if not isinstance(answer, dict):
        raise AnswerUnreadable(_NO_OBJECT)
    return answer


def build(prompt: str, **fields: Any) -> GenerateRequest:
    """Return a validated request.

    Raises:
        BadPrompt, BadParameter: something is invalid; the message says what.
    """
    from pydantic import ValidationError  # loaded with the model

    check_prompt(prompt)
    try:
        return models.GenerateRequest(prompt=prompt, **fields)
    except ValidationError as error:
        problem = error.errors()[0]
        name = ".".join(str(part) for part in problem["loc"])
        value = str(problem["input"])[:80]
        raise BadParameter(_UNFIT(name=name, value=value, reason=problem["msg"])) from None


def as_attachment(given: Attachment | Mapping[str, Any] | None) -> Attachment | None:
    """Return an attachment from a model or the protocol's dictionary, including unknown keys.

    Raises:
        BadParameter: it is neither.
    """
    if given is None or isinstance(given, models.Attachment):
        return given
    try:
        return models.Attachment.model_validate(given)
    except ValueError:
        value = str(given)[:80]
        reason = Text("Pass what upload_image returned", "它不是 upload_image 的返回值")
        raise BadParameter(_UNFIT(name="attachment", value=value, reason=reason)) from None


def as_images(given: Any) -> Sequence[Any]:
    """Return several images as a list; a table's column is accepted, too.

    Raises:
        BadParameter: it is a single image, or none.
    """
    check_filled("images", given)
    if isinstance(given, Iterable) and not isinstance(given, str | bytes | bytearray | Mapping):
        return list(given)
    raise BadParameter(_BAD_IMAGES(value=str(given)[:80]))


def as_image_ref(given: Mapping[str, Any]) -> ImageRef:
    """Return one entry of ``images`` from the protocol's dictionary.

    Raises:
        BadParameter: it is not such a dictionary, or names no image.
    """
    try:
        ref = models.ImageRef.model_validate(given)
    except ValueError:
        raise BadParameter(_BAD_IMAGES(value=str(given)[:80])) from None
    if ref.sources != 1:
        raise BadParameter(_BAD_IMAGES(value=str(given)[:80]))
    return ref
