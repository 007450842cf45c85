"""Details of other people's libraries that we rely on: where one changes, a test names it.

Other tests would fail as well, but far from the cause.
"""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
import inspect
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import av
import fastapi
import fastapi.openapi.utils
import httpcore
import httpx
import ipywidgets
import numpy as np
import pytest
import starlette.requests
import starlette.responses
import traitlets
import uvicorn
from ipykernel.zmqshell import ZMQInteractiveShell
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from videogen_nb.engines.diffusers.pipeline_arguments import call_of
from videogen_nb.media.probe import open_media

ROOT = Path(__file__).parents[1]
NO_DIFFUSERS = importlib.util.find_spec("diffusers") is None


def told(distribution: str, what: str, where: str) -> str:
    """Say what a library of which version does not do any more, and who relies on it."""
    return f"{distribution} {importlib.metadata.version(distribution)}: {what}; see {where}"


def assert_takes(distribution: str, where: str, function: Callable[..., Any], *names: str) -> None:
    taken = inspect.signature(function).parameters
    missing = [name for name in names if name not in taken]
    what = f"{function.__qualname__}() takes no {', '.join(missing)}"
    assert not missing, told(distribution, what, where)


def assert_has(distribution: str, where: str, thing: Any, *names: str) -> None:
    missing = [name for name in names if not hasattr(thing, name)]
    kind = thing.__qualname__ if isinstance(thing, type) else type(thing).__qualname__
    assert not missing, told(distribution, f"{kind} has no {', '.join(missing)}", where)


def test_the_message_names_what_changed():
    with pytest.raises(AssertionError, match=r"av \d+.*open_media\(\) takes no gone; see there"):
        assert_takes("av", "there", open_media, "path", "gone")
    with pytest.raises(AssertionError, match=r"av \d+.*Path has no gone; see there"):
        assert_has("av", "there", Path, "exists", "gone")


# PyAV


@pytest.mark.parametrize(
    ("codec", "mode"),
    [("libx264", "w"), ("aac", "w"), ("mpeg4", "w"), ("h264", "r"), ("hevc", "r"), ("vp9", "r")],
)
def test_pyav_brings_the_codec(codec, mode):
    try:
        av.Codec(codec, mode)
    except av.FFmpegError:
        pytest.fail(told("av", f"the wheel has no {codec} ({mode})", "media/h264.py"))


def test_pyav_opens_a_file_whose_metadata_is_not_utf8(tmp_path):
    path = tmp_path / "video.mp4"
    with av.open(str(path), "w") as container:
        container.metadata["comment"] = "caf\u00e9"
        stream = container.add_stream("mpeg4", rate=5)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
        container.mux([*stream.encode(frame), *stream.encode(None)])
    path.write_bytes(path.read_bytes().replace("caf\u00e9".encode(), b"caf\xe9\xe9"))
    what = "av.open() treats metadata that is not UTF-8 in a new way"
    try:
        with open_media(path) as container:
            comment = container.metadata["comment"]
    except (TypeError, UnicodeDecodeError) as error:
        pytest.fail(told("av", f"{what}: {error}", "media/probe.py, open_media"))
    assert comment == "caf\udce9\udce9", told("av", what, "media/probe.py, open_media")


def test_pyav_has_what_we_write_and_read_with():
    where = "media/h264.py, engines/diffusers/sound.py, media/probe.py"
    assert_has("av", where, av, "open", "FFmpegError", "VideoFrame", "AudioFrame")
    output = av.container.OutputContainer
    assert_has("av", where, output, "add_stream", "add_stream_from_template", "mux", "metadata")
    assert_has("av", where, av.container.InputContainer, "demux", "decode", "seek", "streams")
    assert_has("av", where, av.VideoCodecContext, "skip_frame", "thread_type")
    assert_has("av", where, av.Packet, "is_corrupt", "size", "decode", "dts", "stream")


# uvicorn, Starlette, FastAPI


async def test_uvicorns_connections_have_the_parts_we_bound():
    where = "gateway/server/connection_limits.py"
    config = uvicorn.Config(lambda: None, ws="none", log_config=None)
    config.load()
    protocol = H11Protocol(config, ServerState(), {})
    parts = ("cycle", "connections", "transport", "loop")
    events = ("connection_made", "data_received", "on_response_complete", "connection_lost")
    assert_has("uvicorn", where, protocol, *parts, *events)


def test_uvicorns_server_has_the_steps_we_wrap():
    where = "gateway/server/server.py"
    server = uvicorn.Server(uvicorn.Config(lambda: None, log_config=None))
    steps = ("serve", "startup", "shutdown", "capture_signals")
    assert_has("uvicorn", where, server, *steps, "started", "should_exit")
    for step in ("serve", "startup", "shutdown"):
        assert_takes("uvicorn", where, getattr(server, step), "sockets")
    settings = ("http", "ws", "lifespan", "log_config", "access_log", "server_header")
    more = ("proxy_headers", "timeout_graceful_shutdown")
    assert_takes("uvicorn", where, uvicorn.Config.__init__, *settings, *more)


def test_starlettes_requests_and_files_are_what_we_bound():
    form = starlette.requests.Request.form
    limits = ("max_files", "max_fields", "max_part_size")
    assert_takes("starlette", "gateway/http/openai/parse.py", form, *limits)
    answer = starlette.responses.FileResponse.__init__
    assert_takes("starlette", "gateway/http/files.py", answer, "path", "media_type", "headers")


async def test_starlettes_files_are_served_in_ranges(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"0123456789")
    transport = httpx.ASGITransport(starlette.responses.FileResponse(file))
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        answer = await client.get("/", headers={"Range": "bytes=2-4"})
    what = "FileResponse answers no Range"
    assert (answer.status_code, answer.content) == (206, b"234"), told(
        "starlette", what, "gateway/http/files.py"
    )


def test_fastapi_lets_the_server_open_the_app():
    assert_has("fastapi", "gateway/server/server.py", fastapi.FastAPI().router, "lifespan_context")
    describe = fastapi.openapi.utils.get_openapi
    assert_takes("fastapi", "gateway/http/app.py", describe, "title", "version", "routes")


# httpx, httpcore


def test_httpcore_lets_us_choose_the_address():
    where = "gateway/outgoing/fetcher.py"
    pool = httpcore.AsyncConnectionPool.__init__
    assert_takes("httpcore", where, pool, "ssl_context", "network_backend")
    connect = httpcore.AsyncNetworkBackend.connect_tcp
    names = ("host", "port", "timeout", "local_address", "socket_options")
    assert_takes("httpcore", where, connect, *names)
    assert_takes("httpx", where, httpx.create_ssl_context, "trust_env")


# ipykernel, ipywidgets, anywidget


def test_ipykernel_tells_which_cell_runs():
    assert_has("ipykernel", "panels", ZMQInteractiveShell, "get_parent")


def test_anywidget_sends_our_scripts_and_styles():
    class Part(anywidget.AnyWidget):
        _esm = "export default {}"
        _css = "p {}"
        value = traitlets.Unicode().tag(sync=True)

    part = Part()
    try:
        state = part.get_state()
    finally:
        part.close()
    for name in ("_esm", "_css", "_anywidget_id", "value"):
        assert name in state, told("anywidget", f"{name} is not sent to the page", "panels")


def test_widgets_have_the_ends_we_hold():
    where = "panels"
    names = ("on_msg", "send", "_send", "comm", "open", "close", "model_id", "get_state")
    assert_has("ipywidgets", where, ipywidgets.Widget, *names)
    assert_has("anywidget", where, anywidget.AnyWidget, "_repr_mimebundle_", "add_traits")
    assert_takes("ipywidgets", where, ipywidgets.Widget.send, "content", "buffers")


# diffusers


@pytest.mark.skipif(NO_DIFFUSERS, reason="needs the extra [diffusers]")
@pytest.mark.filterwarnings("default")  # its own, on import
def test_diffusers_pipelines_take_what_we_give():
    import diffusers

    where = "engines/diffusers"
    ends = ("generator", "output_type", "callback_on_step_end", "num_inference_steps")
    for pipeline in (diffusers.WanPipeline, diffusers.WanImageToVideoPipeline):
        call = pipeline.__call__
        assert_takes("diffusers", where, call, "prompt", "num_frames", "width", "height", *ends)
        read = call_of(pipeline.__name__) or {}
        what = f"the source of {pipeline.__name__} is not read rightly"
        assert list(read) == list(inspect.signature(call).parameters), told(
            "diffusers", what, "engines/diffusers/pipeline_arguments.py"
        )
    assert_takes("diffusers", where, diffusers.WanImageToVideoPipeline.__call__, "image")
    moving = ("enable_model_cpu_offload", "enable_sequential_cpu_offload", "to")
    more = ("from_pretrained", "components", "set_progress_bar_config", "maybe_free_model_hooks")
    assert_has("diffusers", where, diffusers.DiffusionPipeline, *moving, *more)


# pyproject.toml


def imported() -> set[str]:
    """The top-level names of other people's that the package imports."""
    found = set()
    for path in (ROOT / "videogen_nb").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add((node.module or "").split(".")[0])
    return found - sys.stdlib_module_names - {"videogen_nb"}


def _normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def test_everything_imported_is_a_dependency_of_ours():
    """So that its minimum version is ours to name, and `.ci/lowest` tries it."""
    required = importlib.metadata.requires("videogen-nb") or []
    declared = {_normal(re.split(r"[^\w.-]", line)[0]) for line in required}
    owners = importlib.metadata.packages_distributions()
    for name in sorted(imported() & owners.keys()):
        theirs = {_normal(owner) for owner in owners[name]}
        assert theirs & declared, f"{name} is imported, but pyproject.toml does not name {theirs}"
