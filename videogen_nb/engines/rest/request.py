"""Building a provider's create request from its table.

Only the table and ``engines.toml`` contain expressions. Contents of a request (the prompt,
``extra``) are inserted unchanged.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from ...errors import BadParameter
from ...i18n import Text
from ..base import NO_CAPTION, InputImage, Plan
from ..upstream_images import media_type
from .expressions import Tree
from .table import Create, Role, Table

KNOWN: Final = ("duration", "ratio", "resolution", "seed", "fps")
_MODEL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,199}")


@dataclass(frozen=True, slots=True)
class Request:
    """A create request: its path under the base, its JSON and its headers."""

    path: str
    body: dict[str, Any]
    headers: dict[str, str]


def plan(
    table: Table,
    requested: Mapping[str, Any],
    images: Sequence[InputImage],
    settings: Mapping[str, Any],
    model: str | None,
) -> Plan:
    """Plan a request. The provider chooses parameters that are not given.

    Args:
        settings: ``parameters`` of the instance; those that are not ours go into the body.
        model: the model of the instance.

    Raises:
        BadParameter: the table does not support something; the message says what.
    """
    notes: list[Text] = []
    own = {name: settings[name] for name in KNOWN if name in settings}
    asked = {name: requested[name] for name in KNOWN if name in requested}
    parameters: dict[str, Any] = {**dict(table.defaults.items()), **own, **asked}
    extra = dict(requested.get("extra", {}))
    named = extra.pop("model", None) or model or settings.get("model")
    create = _create(table, parameters, images, named)
    _check_images(create, images)
    if "duration" in parameters:
        parameters["duration"] = _seconds(table, parameters["duration"], notes)
    used = _used(table, create, settings)
    _check_extra(table, create, extra, settings)
    if requested.get("caption"):
        notes.append(NO_CAPTION)
    for name in KNOWN:
        if name in parameters and name not in used:
            del parameters[name]
            if name in requested:
                notes.append(_IGNORED(name=name))
    if chosen := named or create.model:
        parameters["model"] = _checked_model(chosen)
    elif "model" in used:
        raise BadParameter(_NO_MODEL(title=table.title), code="model_missing")
    body = {n: v for n, v in settings.items() if n not in (*KNOWN, "model")}
    parameters |= {name: told for name, told in (("body", body), ("extra", extra)) if told}
    _check_maps(table, parameters, images)
    seed = parameters.get("seed")
    return Plan(parameters, seed if isinstance(seed, int) else None, tuple(notes))


def write(
    table: Table,
    prompt: str,
    parameters: Mapping[str, Any],
    images: Sequence[InputImage],
    key_name: str,
) -> Request:
    """Return the create request for a plan; reads the images."""
    context = _context(table, parameters, _told(table, images, whole=True), prompt, key_name)
    create = _create(table, parameters, images, parameters.get("model"))
    body = _joined(table.body.render(context), create.body.render(context))
    body = _overridden(body, parameters.get("body", {}), context)
    _put(body, table.extra_into, parameters.get("extra", {}))
    template = create.path or table.path
    assert template is not None  # the table was checked
    headers = {**table.headers, **table.create_headers}
    if table.idempotency is not None:
        headers[table.idempotency] = key_name
    return Request(template.render(context), body, headers)


def _create(
    table: Table, parameters: Mapping[str, Any], images: Sequence[InputImage], model: str | None
) -> Create:
    """Return the first create request whose condition holds and that accepts these images."""
    told = _told(table, images, whole=False)
    holding = [
        create
        for create in table.create
        if create.when is None
        or create.when.read(
            _context(table, {**parameters, "model": model or create.model}, told, "…", "…")
        )
    ]
    if not holding:
        raise BadParameter(_NO_CREATE(title=table.title), code="images_unfit")
    return holding[0]


def _context(
    table: Table,
    parameters: Mapping[str, Any],
    images: list[dict[str, Any]],
    prompt: str,
    key_name: str,
) -> dict[str, Any]:
    """Return the names for expressions; images are in the form in which they are sent."""
    sent = {role: [i["sent"] for i in images if i["role"] == role] for role in _ROLES}
    context: dict[str, Any] = {
        "prompt": prompt,
        "model": parameters.get("model"),
        **{name: parameters.get(name) for name in KNOWN},
        "key_name": key_name,
        "images": images,
        "first": next(iter(sent["first"]), None),
        "last": next(iter(sent["last"]), None),
        "references": sent["reference"] or None,  # an empty list would be sent as one
    }
    return {**context, **{n: m.values.get(str(m.of.read(context))) for n, m in table.maps.items()}}


def _told(table: Table, images: Sequence[InputImage], *, whole: bool) -> list[dict[str, Any]]:
    return [_image(table, image, whole=whole) for image in images]


def _image(table: Table, image: InputImage, *, whole: bool) -> dict[str, Any]:
    data = image.path.read_bytes() if whole else b""
    if whole and table.image_bytes and len(data) > table.image_bytes:
        raise BadParameter(_LARGE(title=table.title, limit=f"{table.image_bytes / 1e6:g}"))
    mime, text = media_type(data), base64.b64encode(data).decode("ascii")
    url = f"data:{mime};base64,{text}"
    return {
        "role": image.role,
        "mapped_role": table.roles.get(cast(Role, image.role), image.role),
        "url": url,
        "base64": text,
        "mime": mime,
        "sent": (url if table.images == "data_url" else text) if whole else "…",
    }


def _check_images(create: Create, images: Sequence[InputImage]) -> None:
    roles = [image.role for image in images]
    if unfit := [role for role in roles if role not in create.images]:
        raise BadParameter(_UNFIT(role=_ROLES[unfit[0]]), code="images_unfit")
    if any(roles.count(role) > 1 for role in ("first", "last")) or (
        "last" in roles and "first" not in roles
    ):
        raise BadParameter(_FRAMES, code="images_unfit")


def _check_maps(table: Table, parameters: Mapping[str, Any], images: Sequence[InputImage]) -> None:
    context = _context(table, parameters, _told(table, images, whole=False), "…", "…")
    for one in table.maps.values():
        value = one.of.read(context)
        if one.strict and value is not None and str(value) not in one.values:
            known = ", ".join(one.values)
            raise BadParameter(_CHOOSE(title=table.title, value=str(value)[:60], known=known))


def _seconds(table: Table, asked: float, notes: list[Text]) -> int:
    whole = max(1, math.ceil(asked))
    seconds = next((s for s in sorted(table.seconds) if s >= whole), None) or whole
    if table.seconds and seconds not in table.seconds:
        seconds = max(table.seconds)
    if seconds != asked:
        notes.append(_ROUNDED(given=f"{asked:g}", s=seconds))
    return seconds


def _used(table: Table, create: Create, settings: Mapping[str, Any]) -> set[str]:
    """Return the names that a create request uses, including those in its maps."""
    trees = (table.body, create.body, Tree(settings))
    names = {name for tree in trees for _, one in tree.expressions() for name in one.names}
    if template := create.path or table.path:
        names |= template.names
    for name, one in table.maps.items():
        if name in names:
            names |= one.of.names
    return names


def _check_extra(
    table: Table, create: Create, extra: Mapping[str, Any], settings: Mapping[str, Any]
) -> None:
    """Refuse ``extra`` that overrides parameters, from which the price is computed."""
    place = () if table.extra_into is None else (table.extra_into,)
    counted = {"prompt", "images", "first", "last", "references", "model", *KNOWN, *table.maps}
    for tree in (table.body, create.body, Tree(settings)):
        for path, expression in tree.expressions():
            name = path[len(place)] if path[: len(place)] == place != path else None
            if name in extra and expression.names & counted:
                raise BadParameter(_DECIDED(name=name), code="extra_unknown")


def _checked_model(model: Any) -> str:
    if not (isinstance(model, str) and _MODEL.fullmatch(model)):
        raise BadParameter(_BAD_MODEL(model=str(model)[:60]), code="bad_parameter")
    return model


def _joined(first: Any, second: Any) -> Any:
    """Merge two trees; the second takes precedence."""
    if not (isinstance(first, dict) and isinstance(second, dict)):
        return second
    return {**first, **{n: _joined(first[n], v) if n in first else v for n, v in second.items()}}


def _overridden(
    body: dict[str, Any], own: Mapping[str, Any], context: Mapping[str, Any]
) -> dict[str, Any]:
    """Apply the settings to a body; null removes a value."""
    rendered = Tree(dict(own)).render(context)
    kept = {name: value for name, value in body.items() if name not in own.keys() - rendered.keys()}
    joined: dict[str, Any] = _joined(kept, rendered)
    return joined


def _put(body: dict[str, Any], place: str | None, values: Mapping[str, Any]) -> None:
    target = body if place is None else body.setdefault(place, {})
    target.update(values)


_ROLES: Final[Mapping[str, Text]] = {
    "first": Text("first frame", "首帧"),
    "last": Text("last frame", "尾帧"),
    "reference": Text("reference image", "参考图"),
}
_IGNORED = Text(
    "The provider does not support {name}; it was ignored.", "服务商不支持 {name}，已忽略。"
)
_ROUNDED = Text(
    "{given} s was changed to {s} s, the nearest duration that the provider supports.",
    "{given} 秒已调整为 {s} 秒，即服务商支持的最接近时长。",
)
_NO_MODEL = Text(
    "{title} needs a model. Set model in the engine's table in engines.toml, or pass "
    'extra={{"model": "…"}}.',
    "{title} 需要指定模型。请在 engines.toml 该引擎的表中设置 model，"
    '或传入 extra={{"model": "…"}}。',
)
_BAD_MODEL = Text("Invalid model name {model!r}.", "模型名称 {model!r} 无效。")
_NO_CREATE = Text(
    "{title} cannot generate a video from these images.", "{title} 不支持这样的图片组合。"
)
_UNFIT = Text("This provider does not accept a {role} here.", "该服务商在此类请求中不支持{role}。")
_FRAMES = Text(
    "Pass at most one first frame and, with it, one last frame.",
    "首帧只能有一张，尾帧需与首帧一起使用且只能有一张。",
)
_DECIDED = Text(
    "extra must not contain {name!r}: it is set by the parameters of the request. Use those.",
    "extra 中不能包含 {name!r}：它由请求的其他参数决定，请使用相应参数。",
)
_CHOOSE = Text(
    "{title} does not support {value!r}. Choose one of: {known}.",
    "{title} 不支持 {value!r}，可用：{known}。",
)
_LARGE = Text(
    "{title} accepts images of up to {limit} MB. Use a smaller one.",
    "{title} 支持的图片最大为 {limit} MB，请换用较小的图片。",
)
