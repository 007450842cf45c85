"""Validating create requests before engines see them."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, Final

from pydantic import ValidationError

from ...errors import BadParameter
from ...i18n import Text
from ...protocol.models import GenerateRequest, ImageRef
from ...protocol.parameters import planned
from ...protocol.prompts import check_prompt, find_control
from ...protocol.values import plain
from ..files.extract_frame import BAD_MOMENT, is_moment
from ..refusals import Refusal
from ..storage.idempotency import IdempotencyKey

MAX_WORDS: Final = 200  # characters of a group, a label, a section's id
MAX_LABELS: Final = 50
MAX_IMAGES: Final = 9
MAX_HOPS: Final = 4  # gateways in a row; more is a circle
MAX_EXTRA: Final = 16 * 1024


def read_order(body: Any) -> GenerateRequest:
    """Parse the body of a create request.

    Raises:
        BadPrompt, BadParameter: the message says what is invalid.
    """
    try:
        order = GenerateRequest.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise BadParameter(_FIELD(where=where, what=first["msg"]), code="malformed") from None
    check_prompt(order.prompt)
    _check_words(order)
    _check_numbers(order)
    return _continued(order)


def requested(order: GenerateRequest) -> dict[str, Any]:
    """Return the given generation parameters, for :meth:`Engine.plan`."""
    return planned(dict(order))


def all_images(order: GenerateRequest) -> list[ImageRef]:
    """Return all images of a request in order; a URL takes precedence over an attachment."""
    first: list[ImageRef] = []
    if order.image_url:
        first = [ImageRef(url=order.image_url)]
    elif order.image_attachment is not None:
        first = [ImageRef(attachment=order.image_attachment)]
    return first + (order.images or [])


def _continued(order: GenerateRequest) -> GenerateRequest:
    """Set the task whose frame it starts from as the parent, by default."""
    roles = ("first", "video")
    tasks = [image.task for image in order.images or [] if image.task and image.role in roles]
    if order.parent or not tasks:
        return order
    return order.model_copy(update={"parent": str(tasks[0].id)})


def idempotency_key(key: str | None, body: Any) -> IdempotencyKey | None:
    """Return the key of a request with the digest of its body.

    Raises:
        Refusal: the key is invalid.
    """
    if key is None:
        return None
    if not re.fullmatch(r"[!-~]{1,255}", key):
        raise Refusal("idempotency_key_invalid")
    canonical = json.dumps(body, sort_keys=True, ensure_ascii=True).encode()
    return IdempotencyKey(key, hashlib.sha256(canonical).hexdigest())


def check_labels(labels: Any) -> list[str]:
    """Return the labels of a task. Raises BadParameter if they are invalid."""
    if not isinstance(labels, list) or len(labels) > MAX_LABELS:
        raise BadParameter(_LABELS(limit=MAX_LABELS), code="malformed")
    for label in labels:
        check_words("labels", label if isinstance(label, str) else "\0")
    return labels


def check_words(name: str, words: str | None) -> None:
    """Raise BadParameter for text that is too long or contains control characters."""
    if words and (len(words) > MAX_WORDS or find_control(words)):
        raise BadParameter(_WORDS(name=name, limit=MAX_WORDS), code="malformed")


def _check_words(order: GenerateRequest) -> None:
    check_labels(order.labels or [])
    for name in ("section_id", "group", "parent"):
        check_words(name, getattr(order, name))
    if order.conversation_id and not re.fullmatch(r"[0-9]{1,32}", order.conversation_id):
        raise BadParameter(_CONVERSATION, code="malformed")


def _check_numbers(order: GenerateRequest) -> None:
    if order.seed is not None and not -(2**63) <= order.seed < 2**63:
        raise BadParameter(_SEED, code="malformed")
    if order.extra and len(json.dumps(plain("extra", order.extra))) > MAX_EXTRA:
        raise BadParameter(_EXTRA(limit=MAX_EXTRA // 1024), code="malformed")
    if order.hops is not None and not 0 <= order.hops <= MAX_HOPS:
        raise BadParameter(_HOPS(limit=MAX_HOPS), code="too_many_gateways")
    images = order.images or []
    if len(images) > MAX_IMAGES:
        raise BadParameter(_IMAGES(limit=MAX_IMAGES), code="malformed")
    for image in images:
        if image.sources != 1:
            raise BadParameter(_EITHER, code="malformed")
        if image.role == "video" and image.url is not None:
            raise BadParameter(_NO_LINK, code="malformed")
        if not is_moment(image.frame):
            raise BadParameter(BAD_MOMENT(at=image.frame), code="malformed")


_FIELD = Text("{where}: {what}", "字段 {where} 的值无效：{what}")
_LABELS = Text("Too many labels: at most {limit} are allowed.", "标签最多 {limit} 个。")
_WORDS = Text(
    "Invalid {name}: use up to {limit} characters and no control characters.",
    "{name} 最多 {limit} 个字符，且不含控制字符。",
)
_CONVERSATION = Text(
    "Invalid conversation_id: it must be a decimal number.", "conversation_id 应为十进制数字。"
)
_SEED = Text(
    "Invalid seed: it must be an integer of at most 64 bits.", "seed 应为不超过 64 位的整数。"
)
_EXTRA = Text(
    "extra is too large: at most {limit} KiB of JSON is allowed.",
    "extra 的 JSON 不得超过 {limit} KiB。",
)
_HOPS = Text(
    "The request has passed more than {limit} gateways: they are probably forwarding it in a loop. "
    "Check the engines of kind “gateway” in their engines.toml.",
    "请求已经过 {limit} 个以上的网关，很可能在循环转发。"
    "请检查各网关 engines.toml 中的 gateway 引擎。",
)
_IMAGES = Text("Too many images: at most {limit} are allowed.", "图片最多 {limit} 张。")
_NO_LINK = Text(
    "Invalid images: an entry with the role video needs a task.",
    "images 中 role 为 video 的项应给出 task。",
)
_EITHER = Text(
    "Invalid images: each entry needs one of attachment, url or task.",
    "images 的每一项应给出 attachment、url、task 之一。",
)
