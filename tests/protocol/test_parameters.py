"""The parameter table, its types and the request model agree; signatures show the parameters."""

import inspect

import pytest

from videogen_nb import VideoClient, connect, generate
from videogen_nb.blocking import Connection
from videogen_nb.errors import BadParameter
from videogen_nb.protocol import parameters
from videogen_nb.protocol.models import GenerateRequest
from videogen_nb.protocol.parameters import ARGUMENTS, NAMES, PLANNED, Parameters, check_names

_OTHERS = {"prompt", "image_url", "image_attachment", "images", "guest", "again", "hops"} | {
    "conversation_id",
    "section_id",
}


def test_table_types_and_model_name_the_same_parameters():
    assert set(NAMES) == set(Parameters.__annotations__)
    assert set(NAMES) == set(GenerateRequest.model_fields) - _OTHERS


def test_only_what_an_engine_plans_with_reaches_it():
    given = {"duration": 5.0, "seed": None, "group": "mine", "prompt": "sea", "fps": 0.0}
    assert parameters.planned(given) == {"duration": 5.0, "fps": 0.0}
    assert set(PLANNED) == set(NAMES) - {"engine", "group", "parent", "labels", "notify"}


def test_arguments_beside_the_parameters_are_known_too():
    check_names(["images", "after", "again", "idempotency_key", "conversation_id", "seed"])
    assert not set(ARGUMENTS) & set(NAMES)


@pytest.mark.parametrize(
    ("name", "told"), [("durationn", "Did you mean 'duration'"), ("x" * 900, "x" * 80)]
)
def test_an_unknown_name_is_refused(name, told):
    with pytest.raises(BadParameter, match=told) as caught:
        check_names(["seed", name])
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "function", [VideoClient.create_task, VideoClient.generate, generate, Connection.generate]
)
def test_signatures_name_every_parameter(function):
    shown = inspect.signature(function).parameters
    assert {*NAMES, *ARGUMENTS} <= set(shown)
    assert not [p for p in shown.values() if p.kind is p.VAR_KEYWORD]


@pytest.mark.parametrize("written", ["videos.generate('sea', ", "generate('sea', "])
def test_ipython_offers_the_parameters(written, monkeypatch):
    from IPython.core.completer import IPCompleter, provisionalcompleter
    from IPython.core.interactiveshell import InteractiveShell

    monkeypatch.setenv("VIDEOGEN_URL", "http://127.0.0.1:9")
    shell = InteractiveShell()
    videos = connect()
    try:
        namespace = {"videos": videos, "generate": generate}
        completer = IPCompleter(shell=shell, namespace=namespace, global_namespace=namespace)
        completer.use_jedi = False
        for name in ("engine", "duration", "seed"):
            line = written + name[:3]
            with provisionalcompleter():
                offered = {found.text for found in completer.completions(line, len(line))}
            assert f"{name}=" in offered
    finally:
        videos.close()
        if shell.history_manager is not None:
            shell.history_manager.end_session()
