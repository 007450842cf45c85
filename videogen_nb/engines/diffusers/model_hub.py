"""Models from a hub: licence and size are shown before the first download."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from huggingface_hub import (
    HfApi,
    constants,
    hf_hub_download,
    set_client_factory,
    snapshot_download,
    try_to_load_from_cache,
)
from huggingface_hub.constants import HF_HUB_CACHE
from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError
from huggingface_hub.errors import HTTPError as _HTTPError  # of the library that it asks with
from huggingface_hub.utils._http import hf_request_event_hook  # keeps to HF_HUB_OFFLINE

from ...errors import EngineError
from ...i18n import Text
from ...network import NoRoute, client_of
from ..base import Report
from .heartbeat import Pulse
from .model import INDEX, WEIGHTS, folder_of, read_model

#: Chooses files from a repository's, given their sizes by name.
_Choose = Callable[[Mapping[str, int]], list[str]]

_GB: Final = 1e9
_PATIENCE_S: Final = 60.0  # without a byte; it tries again
_SPARE: Final = 1.02  # the disk holds a little besides


@dataclass(frozen=True, slots=True)
class Offer:
    """A possible download: files by name, total bytes, licence."""

    source: str
    licence: str
    size: int
    files: tuple[str, ...]


def present(source: str, download: bool, report: Report, replaced: Collection[str] = ()) -> Path:
    """Return the folder of a model, downloading it if allowed.

    Args:
        replaced: parts whose weights another file replaces, so that they are not downloaded.

    Raises:
        EngineError: downloading is not allowed (the message has licence, size and how to allow it),
            the hub cannot be reached, or the disk is full.
    """
    folder = folder_of(source, replaced)
    if folder is not None:
        return folder
    offer = _offered(source, report, lambda sizes: _of_pipeline(source, sizes, replaced))
    _allow(offer, download)
    return _downloaded(offer, report)


def present_file(source: str, name: str, download: bool, report: Report) -> Path:
    """Return one file of a hub's repository, downloading it if allowed.

    Raises:
        EngineError: see :func:`present`.
    """
    found = try_to_load_from_cache(source, name)
    if isinstance(found, str):
        return Path(found)
    offer = _offered(source, report, lambda sizes: [name])
    _allow(offer, download)
    return _downloaded(offer, report) / name


def _allow(offer: Offer, download: bool) -> None:
    """Raise EngineError unless an offer may be downloaded and fits on the disk."""
    if not download:
        raise EngineError(_MAY_IT(**_words(offer)), code="download_needed")
    Path(HF_HUB_CACHE).mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(HF_HUB_CACHE).free
    if free < offer.size * _SPARE:
        free_gb = f"{free / _GB:.1f}"
        raise EngineError(_NO_ROOM(**_words(offer), free=free_gb), code="disk_full")


def _downloaded(offer: Offer, report: Report) -> Path:
    with Pulse(report, _LOADING(**_words(offer)), lambda: _share(offer)):
        try:
            return Path(snapshot_download(offer.source, allow_patterns=list(offer.files)))
        except Exception as error:  # as below
            raise _away(offer.source, error) from error


@cache
def _follow_policy() -> None:
    """Make the hub's library follow our policy: proxies, certificates, loopback."""
    library = import_module(_HTTPError.__module__.partition(".")[0])  # httpx, or httpx2 from 2 on
    hooks = {"request": [hf_request_event_hook]}
    set_client_factory(
        lambda: client_of(library, event_hooks=hooks, follow_redirects=True, timeout=_PATIENCE_S)
    )
    constants.HF_HUB_DISABLE_XET = True  # its second client, which reads the environment itself


def _offered(source: str, report: Report, choose: _Choose) -> Offer:
    _follow_policy()
    with Pulse(report, _ASKING(source=source)):
        return _asked(source, choose)


def _asked(source: str, choose: _Choose) -> Offer:
    try:
        info = HfApi().model_info(source, files_metadata=True)
        sizes = {file.rfilename: file.size or 0 for file in info.siblings or ()}
        files = tuple(choose(sizes))
    except EngineError:
        raise
    except GatedRepoError as error:
        raise EngineError(_GATED(source=source), code="model_gated") from error
    except RepositoryNotFoundError as error:
        raise EngineError(_UNKNOWN(source=source), code="model_missing") from error
    except Exception as error:  # its HTTP library's own, which differs by version
        raise _away(source, error) from error
    missing = [name for name in files if name not in sizes]
    if missing:
        raise EngineError(_NO_FILE(source=source, name=missing[0]), code="model_missing")
    return Offer(source, _licence(info), sum(sizes[name] for name in files), files)


def _of_pipeline(source: str, sizes: Iterable[str], replaced: Collection[str]) -> list[str]:
    index = Path(hf_hub_download(source, INDEX))
    return chosen(sizes, read_model(index.parent).parts, replaced)


def chosen(names: Iterable[str], parts: Iterable[str], replaced: Collection[str] = ()) -> list[str]:
    """Return the files of a repository that its pipeline needs.

    Safetensors are preferred to pickles; variants such as ``.fp16.`` are skipped if the full
    weights exist. Weights of ``replaced`` parts are not needed.
    """
    names = sorted(names)
    found = [INDEX]
    for part in parts:
        own = [n for n in names if n.startswith(f"{part}/") and n.count("/") == 1]
        weights = [n for n in own if n.endswith(WEIGHTS)]
        safe = [n for n in weights if n.endswith(WEIGHTS[0])] or weights
        plain = [n for n in safe if n.count(".") == 1] or safe
        others = (".msgpack", ".h5", ".onnx", ".ckpt", ".pt", ".gguf")
        rest = [n for n in own if n not in weights and not n.endswith(others)]
        if part in replaced:
            rest, plain = [n for n in rest if not n.endswith(".safetensors.index.json")], []
        found += [*rest, *plain]
    return found


def _licence(info: Any) -> str:
    card = info.card_data or {}
    told = card.get("license_name") or card.get("license")
    tags = [tag.removeprefix("license:") for tag in info.tags or () if tag.startswith("license:")]
    return str(told or next(iter(tags), None) or "?")


def _share(offer: Offer) -> float:
    """Return how much of an offer has arrived; other files of its repository count as well."""
    return min(1.0, _arrived(offer.source) / max(1, offer.size))


def _arrived(source: str) -> int:
    """Return the number of its bytes in the cache, including partial files."""
    blobs = Path(HF_HUB_CACHE) / f"models--{source.replace('/', '--')}" / "blobs"
    try:
        return sum(path.stat().st_size for path in blobs.iterdir())
    except OSError:
        return 0  # files are being renamed


def _words(offer: Offer) -> dict[str, str]:
    return {
        "source": offer.source,
        "licence": offer.licence,
        "size": f"{max(offer.size / _GB, 0.1):.1f}",
    }


def _away(source: str, error: Exception) -> EngineError:
    return EngineError(_AWAY(source=source, why=_why(error)), code="hub_away")


def _why(error: BaseException) -> Text | str:
    """Return what is to blame: a proxy or a variable, or else what the library says."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, NoRoute):
        cause = cause.__cause__ or cause.__context__
    return str(error)[:200] if cause is None else cause.text


_ASKING = Text("Looking up {source} on the hub", "正在查询模型 {source}")
_LOADING = Text("Downloading {source} ({size} GB)", "正在下载 {source}（{size} GB）")
_MAY_IT = Text(
    "{source} is not on this machine. Its licence is {licence}, its size {size} GB. To download it "
    "once, try again with extra={{'download': True}}, or set download = true for the engine in "
    "engines.toml.",
    "本机没有 {source}。许可证：{licence}，大小：{size} GB。如需下载（仅一次），请传入 "
    "extra={{'download': True}} 后重试，或在 engines.toml 中为该引擎设置 download = true。",
)
_NO_ROOM = Text(
    "{source} needs {size} GB, but only {free} GB is free. Free some space, or set HF_HOME to a "
    "folder on a larger disk.",
    "{source} 需要 {size} GB，磁盘仅剩 {free} GB。请清理空间，或将 HF_HOME 设为更大磁盘上的文件夹"
    "。",
)
_GATED = Text(
    "{source} requires you to accept its terms on its page. Accept them, then set HF_TOKEN "
    "where the gateway runs.",
    "{source} 需要先在其页面上接受许可条款，然后在网关的环境中设置 HF_TOKEN。",
)
_NO_FILE = Text(
    "{source} has no file {name}: fix the weight setting in engines.toml.",
    "{source} 中没有文件 {name}：请更正 engines.toml 中的 weight。",
)
_UNKNOWN = Text("The hub has no model named {source}.", "模型库中没有 {source}。")
_AWAY = Text(
    "Cannot reach the hub for {source} ({why}). Try again later; partial downloads are kept.",
    "无法从模型库获取 {source}（{why}），请稍后重试，已下载的部分会保留。",
)
