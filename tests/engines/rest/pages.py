"""The pages of the providers in docs/engines, made of their tables.

python -m tests.engines.rest.pages        # writes them; a test compares
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from videogen_nb.engines.rest.table import Create, Table
from videogen_nb.engines.rest.table_files import Preset, load_preset, table_files

FOLDER: Final = Path(__file__).parents[3] / "docs/engines"
BEGIN, END = "<!-- providers -->", "<!-- /providers -->"
MADE: Final = "<!-- Made from the provider's table by: python -m tests.engines.rest.pages -->"
CHINESE: Final = ("dashscope", "kling", "minimax", "vidu", "zhipu")

#: The provider's own SDK that was pointed at the stand-in in test_sdks.py; the others were built
#: from the sources that stand at the top of their tables. No live provider was asked.
SDKS: Final = {
    "comfy-router": "comfy-sdk",
    "dashscope": "dashscope",
    "fal": "fal-client",
    "luma": "lumaai",
    "replicate": "replicate",
    "runway": "runwayml",
    "veo": "google-genai",
    "wavespeed": "wavespeed",
    "zhipu": "zai-sdk",
}
#: What is particular about a provider's models.
MODELS = {
    "comfy-router": "Each model of the router has fields of its own; this table sends those of the model above. For another one, set `parameters`, or [write a table](rest.md).",
}
PRICES = {
    "second": "the price is per second of video",
    "video": "the price is per video",
    "credit": "it charges in credits",
    "model": "the price depends on the model",
}
BILLED = {
    "second": ("per second of video", "按视频秒数"),
    "video": ("per video", "按视频个数"),
    "credit": ("in credits", "按积分"),
    "model": ("depending on the model", "按模型"),
}
ROLES = {
    "first": ("a first frame", "首帧"),
    "last": ("a last frame", "尾帧"),
    "reference": ("reference images", "参考图"),
}


def presets() -> list[Preset]:
    return [load_preset(name, path) for name, path in table_files(None).items()]


def page(preset: Preset) -> str:
    """The English page."""
    name, table = preset.name, preset.table
    per = {"second": "second", "video": "video"}.get(table.billed, "video")
    lines = [
        f"# `{name}`: {table.title}",
        MADE,
        "",
        f"Generates videos from {_english(_inputs(table))}. It is a paid service; {PRICES[table.billed]}.",
        f"Models and prices: [{_host(table.site)}]({table.site}).",
        "",
        "## From key to video in five minutes",
        f"**1. A key.** Get one at [{_host(table.key.get)}]({table.key.get}), then",
        "",
        "```bash",
        f"videogen-nb key {name}      # prompts for it, hidden",
        "```",
        "",
        *_key_notes(name, table),
        "",
        "**2. A video.**",
        "",
        *_code(name, "a paper boat", table),
        "",
        "## Models",
        "The defaults:",
        "",
        *(
            f"- {_english(_kinds(create))}: `{create.model}`"
            for create in table.create
            if create.model
        ),
        "",
        *([MODELS[name], ""] if name in MODELS else []),
        'To use another model, pass `extra={"model": "…"}` in a call, or set it for all calls in `engines.toml`, along with the price:',
        "",
        "```toml",
        f"[{name}]",
        f'model = "{_model(table)}"{_for_all(table)}',
        f"price = 0.1        # an example; enter what the provider charges you per {per}",
        f'per = "{per}"',
        'currency = "USD"',
        "budget = 20",
        "```",
        "",
        *(_bases(name, table, "It has a key of its own: ", ".")),
        "## Good to know",
        *(f"- {fact}" for fact in _facts(name, table)),
        "",
    ]
    return "\n".join(lines)


def page_zh(preset: Preset) -> str:
    """The Chinese page."""
    name, table = preset.name, preset.table
    per = {"second": "second", "video": "video"}.get(table.billed, "video")
    lines = [
        f"# `{name}`：{table.title_zh or table.title}",
        MADE,
        "",
        f"支持：{'、'.join(zh for _, zh in _inputs(table))}。需付费，{BILLED[table.billed][1]}计费。",
        f"模型与价格见 [{_host(table.site)}]({table.site})。",
        "",
        "## 五分钟：从密钥到视频",
        f"**1. 获取密钥。** 前往 [{_host(table.key.get)}]({table.key.get})，然后运行：",
        "",
        "```bash",
        f"videogen-nb key {name}      # 输入时不显示",
        "```",
        "",
        *_key_notes_zh(name, table),
        "",
        "**2. 生成视频。**",
        "",
        *_code(name, "纸船漂过池塘", table),
        "",
        "## 模型",
        "未指定时使用：",
        "",
        *(
            f"- {'、'.join(zh for _, zh in _kinds(create))}：`{create.model}`"
            for create in table.create
            if create.model
        ),
        "",
        '换用其他模型：调用时写 `extra={"model": "…"}`，或在 `engines.toml` 中统一设置，并写明价格：',
        "",
        "```toml",
        f"[{name}]",
        f'model = "{_model(table)}"',
        "price = 0.7        # 示例，请填写你的实际价格",
        f'per = "{per}"',
        "budget = 100",
        "```",
        "",
        *(_bases(name, table, "该地址使用单独的密钥：", "。", _PLACES_ZH)),
        "## 须知",
        *(f"- {fact}" for fact in _facts_zh(name, table)),
        "",
    ]
    return "\n".join(lines)


def overview(language: str) -> str:
    """The table of all providers."""
    zh = language == "zh"
    head = (
        ["| 引擎 | 服务商 | 图片 | 计费 | 链接有效期 | 验证方式 |", "|---|---|---|---|---|---|"]
        if zh
        else [
            "| engine | provider | images | charged | links valid for | tested with |",
            "|---|---|---|---|---|---|",
        ]
    )
    return "\n".join([BEGIN, *head, *(_row(preset, zh=zh) for preset in presets()), END])


def files() -> dict[Path, str]:
    """What each page has to be."""
    made = {FOLDER / f"{preset.name}.md": page(preset) for preset in presets()}
    chinese = [preset for preset in presets() if preset.name in CHINESE]
    made |= {FOLDER / f"{preset.name}.zh-CN.md": page_zh(preset) for preset in chinese}
    for name, language in (("README.md", "en"), ("README.zh-CN.md", "zh")):
        text = (FOLDER / name).read_text("utf-8")
        before, _, rest = text.partition(BEGIN)
        made[FOLDER / name] = before + overview(language) + rest.partition(END)[2]
    return made


def _row(preset: Preset, *, zh: bool) -> str:
    name, table = preset.name, preset.table
    roles = {role for create in table.create for role in create.images}
    images = [ROLES[role][zh] for role in ROLES if role in roles]
    shown = SDKS.get(name)
    proof = f"`{shown}`" if shown else ("文档" if zh else "its documentation")
    title = (zh and table.title_zh) or table.title
    page_name = f"{name}.zh-CN.md" if zh and name in CHINESE else f"{name}.md"
    life = _life_zh(table) if zh else _life(table)
    joined = ("、" if zh else ", ").join(images) or "—"
    return f"| [`{name}`]({page_name}) | {title} | {joined} | {BILLED[table.billed][zh]} | {life} | {proof} |"


def _inputs(table: Table) -> list[tuple[str, str]]:
    roles = {role for create in table.create for role in create.images}
    return [("text", "文字"), *(ROLES[role] for role in ROLES if role in roles)]


def _kinds(create: Create) -> list[tuple[str, str]]:
    found = [ROLES[role] for role in ROLES if role in create.images]
    return found if create.when is not None else [("text", "文字"), *found]


def _english(words: list[tuple[str, str]]) -> str:
    names = [en for en, _ in words]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _code(name: str, prompt: str, table: Table) -> Iterator[str]:
    seconds = table.seconds[0] if table.seconds and 5 not in table.seconds else 5
    duration = f", duration={seconds}" if _reads(table, "duration") else ""
    yield from ("```python", "from videogen_nb import connect", "", "videos = connect()")
    yield f'video = await videos.generate("{prompt}", engine="{name}"{duration})'
    yield from ("video", "```")
    if any("first" in create.images for create in table.create):
        yield from (
            "",
            "```python",
            f'video = await videos.generate("{prompt}", engine="{name}", image="photo.jpg"{duration})',
            "```",
        )


def _reads(table: Table, name: str) -> bool:
    trees = [table.body, *(create.body for create in table.create)]
    return any(name in one.names for tree in trees for _, one in tree.expressions())


def _key_notes(name: str, table: Table) -> Iterator[str]:
    if table.key.signed:
        yield "The key consists of two parts joined by a colon, `ACCESS_KEY:SECRET_KEY`; requests carry a token signed with it, never the key itself."
    elif table.key.variable:
        yield f"`{table.key.variable}` in the gateway's environment works, too."


def _key_notes_zh(name: str, table: Table) -> Iterator[str]:
    if table.key.signed:
        yield "密钥为 `AccessKey:SecretKey`（用英文冒号连接）；请求中只发送由它签名的令牌，不发送密钥本身。"
    elif table.key.variable:
        yield f"网关环境中的 `{table.key.variable}` 同样有效。"


_PLACES_ZH: Final = {"China": "中国", "Singapore": "新加坡"}


def _bases(
    name: str, table: Table, key: str, end: str, places: Mapping[str, str] = {}
) -> Iterator[str]:
    for place, url in table.other_bases.items():
        other = f"{name}-{place.lower().replace('.', '')}"
        yield from (
            f"## {places.get(place, place)}",
            "```toml",
            f"[{other}]",
            f'engine = "{name}"',
            f'url = "{url}"',
            "```",
        )
        yield from ("", f"{key}`videogen-nb key {other}`{end}", "")


def _for_all(table: Table) -> str:
    models = {create.model for create in table.create if create.model}
    return "  # also used for requests with images" if len(models) > 1 else ""


def _model(table: Table) -> str:
    return next(create.model for create in reversed(table.create) if create.model)


def _host(url: str) -> str:
    return url.partition("//")[2].partition("/")[0]


def _life(table: Table) -> str:
    return _span(
        table.links_s,
        lambda n, unit: f"{n} {unit}{'s' if n > 1 else ''}",
        ("day", "hour"),
        "not stated",
    )


def _life_zh(table: Table) -> str:
    return _span(table.links_s, lambda n, unit: f"{n} {unit}", ("天", "小时"), "未说明")


def _span(
    seconds: float | None, words: Callable[[int, str], str], units: tuple[str, str], none: str
) -> str:
    if seconds is None:
        return none
    days = int(seconds // 86400)
    return words(days, units[0]) if days > 1 else words(int(seconds // 3600), units[1])


def _facts(name: str, table: Table) -> Iterator[str]:
    if table.links_s:
        yield f"Links are valid for {_life(table)}; the gateway downloads a video as soon as it is ready."
    else:
        yield "The gateway downloads a video as soon as it is ready, before its link expires."
    cancel = table.cancel
    if cancel is None:
        yield "Once sent, a task cannot be cancelled: the video is generated and billed."
    else:
        when = " or ".join(cancel.during)
        charged = "; a running task is still billed" if cancel.charged else ""
        yield f"Tasks that are {when} can be cancelled{charged}."
    if table.list is not None:
        yield "If the response to a create request is lost, the gateway looks for the task in the provider's list, by its prompt."
    else:
        yield "If the response to a create request is lost, the task cannot be found again: it says so, and is not sent again automatically."
    if table.image_bytes:
        yield f"Images may be up to {table.image_bytes / 1e6:g} MB."
    if table.seconds:
        yield f"Durations: {_list(table.seconds)} s; others are changed to the nearest."
    yield f"The package includes the table behind this page; `videogen-nb engine check {name}` shows what it would send, without contacting the provider."
    yield f"Tested against {_proof(name)}, not against the live service."


def _facts_zh(name: str, table: Table) -> Iterator[str]:
    if table.links_s:
        yield f"链接有效期 {_life_zh(table)}；视频一完成，网关就会立即下载。"
    else:
        yield "视频一完成，网关就会立即下载，以免链接过期。"
    cancel = table.cancel
    if cancel is None:
        yield "任务一经提交便无法取消，视频仍会生成并计费。"
    elif "running" in cancel.during:
        yield "排队中和生成中的任务可以取消。"
    else:
        yield "仅排队中的任务可以取消。"
    if table.list is None:
        yield "如果未收到创建请求的响应，则无法找回任务：任务会说明这一点，且不会自动重发。"
    if table.image_bytes:
        yield f"图片最大 {table.image_bytes / 1e6:g} MB。"
    if table.seconds:
        only = len(table.seconds) == 1
        step = f" {table.seconds[0]} 秒" if only else "最接近的一档"
        yield f"时长：{_list(table.seconds).replace(', ', '、')} 秒；其他时长会调整为{step}。"
    yield f"`videogen-nb engine check {name}` 可查看将要发送的请求，不会联系服务商。"
    shown = SDKS.get(name)
    proof = f"已用服务商的 SDK `{shown}` 对照验证" if shown else "根据其公开文档编写"
    yield f"{proof}，未在真实服务上测试。"


def _list(seconds: tuple[int, ...]) -> str:
    whole = seconds == tuple(range(seconds[0], seconds[-1] + 1))
    return (
        f"{seconds[0]}–{seconds[-1]}"
        if whole and len(seconds) > 2
        else ", ".join(map(str, seconds))
    )


def _proof(name: str) -> str:
    sdk = SDKS.get(name)
    return (
        f"a simulated server that also works with the provider's own SDK (`{sdk}`)"
        if sdk
        else "a simulated server built from the documentation listed at the top of the table"
    )


def main() -> None:
    for path, text in files().items():
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
