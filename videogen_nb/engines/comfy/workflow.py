"""Workflows in ComfyUI's API format, and the inputs that a request fills in.

``{"6": {"class_type": "CLIPTextEncode", "inputs": {"text": "…", "clip": ["38", 0]}}, …}``: a list
of a node's number and an output is a link. Inputs are detected, or named by the user:
``inputs = { prompt = "6.text", seed = ["3.seed", "9.seed"] }``.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ...errors import BadParameter
from ...i18n import Text

#: What a request may fill.
NAMES: Final = (
    *("prompt", "image", "last_image", "video"),
    *("seed", "width", "height", "length", "fps"),
)
_MOST: Final = 8 * 2**20  # bytes of a file
_TEXTS: Final = ("text", "prompt", "value")
_SEEDS: Final = ("seed", "noise_seed")
_RATES: Final = ("fps", "frame_rate")
_LENGTHS: Final = ("length", "num_frames", "video_frames")
_VIDEO_NODES: Final = {"LoadVideo": "file", "VHS_LoadVideo": "video"}

Place = tuple[str, str]  # a node's number and an input's name


@dataclass(frozen=True, slots=True)
class Workflow:
    """A graph, the places of its inputs by name, and the first 16 digits of its SHA-256 hash."""

    graph: Mapping[str, Any]
    places: Mapping[str, tuple[Place, ...]]
    digest: str

    def value(self, name: str) -> Any:
        """Return the saved value of an input, or None."""
        places = self.places.get(name, ())
        return self.graph[places[0][0]]["inputs"].get(places[0][1]) if places else None

    @property
    def has_rate(self) -> bool:
        """Whether the workflow sets a frame rate; one that only saves frames does not."""
        return any(True for _ in _inputs(self.graph, _RATES, (int, float)))

    def filled(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the graph with these inputs; names without a place are ignored."""
        graph = copy.deepcopy(dict(self.graph))
        for name, value in values.items():
            for node, place in self.places.get(name, ()):
                graph[node]["inputs"][place] = value
        return graph


def read_workflow(path: Path, named: Mapping[str, Any]) -> Workflow:
    """Read a workflow.

    Args:
        named: places named by the user, which take precedence over detected ones.

    Raises:
        BadParameter: it cannot be read, is not in the API format, or a place does not exist.
    """
    try:
        if path.stat().st_size > _MOST:
            raise ValueError(f"more than {_MOST // 2**20} MiB")
        data = path.read_bytes()
        graph = json.loads(data)
    except (OSError, ValueError) as error:
        raise BadParameter(_UNREADABLE(path=path, why=str(error)[:200])) from None
    if not _is_graph(graph):
        raise BadParameter(_NOT_API(path=path))
    places = {**_found(graph), **_named(graph, named)}
    if not places.keys() & {"prompt", "video"}:  # one that works on a video may need no prompt
        raise BadParameter(_NO_PROMPT(path=path))
    return Workflow(graph, places, hashlib.sha256(data).hexdigest()[:16])


def _is_graph(graph: Any) -> bool:
    return (
        isinstance(graph, dict)
        and bool(graph)
        and all(
            isinstance(node, dict)
            and isinstance(node.get("class_type"), str)
            and isinstance(node.get("inputs"), dict)
            for node in graph.values()
        )
    )


def _named(graph: Mapping[str, Any], named: Mapping[str, Any]) -> dict[str, tuple[Place, ...]]:
    found = {}
    for name, words in named.items():
        if name not in NAMES:
            raise BadParameter(_UNKNOWN(name=str(name)[:60], known=", ".join(NAMES)))
        places = []
        for word in words if isinstance(words, list) else [words]:
            node, _, place = str(word).rpartition(".")
            if place not in graph.get(node, {}).get("inputs", {}):
                raise BadParameter(_NO_PLACE(name=name, place=str(word)[:60]))
            places.append((node, place))
        found[name] = tuple(places)
    return found


def _found(graph: Mapping[str, Any]) -> dict[str, tuple[Place, ...]]:
    """Return the unambiguous places."""
    images = sorted(_inputs(graph, ("image",), str, "LoadImage"), key=_number)
    sized = [
        (node, place)
        for node, place in _inputs(graph, ("width",), int)
        if isinstance(graph[node]["inputs"].get("height"), int)
    ]
    found: dict[str, list[Place]] = {
        "prompt": _prompts(graph),
        "seed": list(_inputs(graph, _SEEDS, int)),
        "fps": _only(list(_inputs(graph, _RATES, (int, float)))),
        "video": _only([p for n, i in _VIDEO_NODES.items() for p in _inputs(graph, (i,), str, n)]),
    }
    if len(images) in (1, 2):
        found |= {"image": images[:1], "last_image": images[1:]}
    if len(sized) == 1:
        node = sized[0][0]
        found |= {"width": sized, "height": [(node, "height")]}
        found["length"] = [p for p in _inputs(graph, _LENGTHS, int) if p[0] == node]
    return {name: tuple(places) for name, places in found.items() if places}


def _prompts(graph: Mapping[str, Any]) -> list[Place]:
    """Return the place of the text for all ``positive`` inputs, if there is only one."""
    ends = {
        end
        for node in graph.values()
        if _is_link(node["inputs"].get("positive"))
        for end in [_words_before(graph, node["inputs"]["positive"][0])]
    }
    return [*ends] if len(ends) == 1 and None not in ends else []  # type: ignore[list-item]


def _words_before(graph: Mapping[str, Any], node: str) -> Place | None:
    """Return the nearest text input that leads into a node."""
    waiting, seen = [node], set()
    while waiting:
        node = waiting.pop(0)
        if node in seen or node not in graph:
            continue
        seen.add(node)
        inputs = graph[node]["inputs"]
        for name in _TEXTS:
            if isinstance(inputs.get(name), str):
                return node, name
        words = [
            inputs[n] for n in (*_TEXTS, "positive", "conditioning") if _is_link(inputs.get(n))
        ]
        waiting += [link[0] for link in words]
    return None


def _inputs(
    graph: Mapping[str, Any], names: tuple[str, ...], kind: Any, of: str = ""
) -> Iterator[Place]:
    for number, node in graph.items():
        for name in names:
            value = node["inputs"].get(name)
            fits = isinstance(value, kind) and not isinstance(value, bool)
            if fits and of in ("", node["class_type"]):
                yield number, name


def _only(places: list[Place]) -> list[Place]:
    return places if len(places) == 1 else []


def _is_link(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str)


def _number(place: Place) -> tuple[int, str]:
    node = place[0]
    return (int(node) if node.isdecimal() else 0, node)


_UNREADABLE = Text("The workflow {path} cannot be read: {why}", "无法读取工作流 {path}：{why}")
_NOT_API = Text(
    "{path} is not a workflow in API format. In ComfyUI, choose Export (API) and use that file.",
    "{path} 不是 API 格式的工作流。请在 ComfyUI 中选择“导出（API）”并使用导出的文件。",
)
_NO_PROMPT = Text(
    "It is not clear where the prompt goes in {path}. Name the input in engines.toml: "
    'inputs = {{ prompt = "6.text" }}.',
    "无法确定提示词应填入 {path} 的何处。请在 engines.toml 中指明："
    'inputs = {{ prompt = "6.text" }}。',
)
_UNKNOWN = Text(
    "inputs: unknown name {name!r}. Use {known}.", "inputs 中没有 {name!r}，可用：{known}。"
)
_NO_PLACE = Text(
    "inputs.{name}: the workflow has no {place!r}. Write a node's number and an input's name: "
    '"6.text".',
    "inputs.{name}：工作流中没有 {place!r}。位置由节点号和输入名组成，例如“6.text”。",
)
