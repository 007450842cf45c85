"""Every code that the gateway refuses with has a sentence, and HTTP knows it alone."""

import ast
from pathlib import Path

import pytest

from videogen_nb.errors import BadInput, UpstreamAway, VideogenError
from videogen_nb.gateway.http.errors import _CODES, STATUS, respond
from videogen_nb.gateway.refusals import SENTENCES, Refusal
from videogen_nb.i18n import Text

PACKAGE = Path(__file__).parents[2] / "videogen_nb"
BELOW = [p for p in (PACKAGE / "gateway").rglob("*.py") if "http" not in p.parts]


def calls(path: Path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refusal":
            yield node


def test_every_code_of_a_refusal_has_its_sentence():
    found = 0
    for path in (PACKAGE / "gateway").rglob("*.py"):
        for call in calls(path):
            code = call.args[0]
            if isinstance(code, ast.Constant) and len(call.args) == 1:
                found += 1
                assert code.value in SENTENCES, f"{path.name} refuses with {code.value!r}"
    assert found > 30


@pytest.mark.parametrize("path", BELOW, ids=lambda p: p.stem)
def test_only_http_knows_status_codes(path):
    for call in calls(path):
        assert not isinstance(getattr(call.args[0], "value", None), int)
    words = path.read_text("utf-8")
    assert "status_code" not in words
    assert "starlette.responses" not in words


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Refusal("task_not_found"), 404),
        (Refusal("too_many_tasks", retry_after_s=30, count=3), 429),
        (Refusal("disk_full"), 507),
        (Refusal("anything", Text("No.", "不。")), 422),
        (BadInput(code="image_too_large"), 413),
        (BadInput(), 422),
        (UpstreamAway(), 503),
    ],
    ids=lambda value: getattr(value, "code", value),
)
def test_a_code_has_its_status(error: VideogenError, status: int):
    response = respond(error, "en")
    assert response.status_code == status
    wanted = getattr(error, "retry_after_s", None)
    assert response.headers.get("retry-after") == (str(wanted) if wanted else None)


def test_a_missing_token_is_challenged():
    assert respond(Refusal("token_required"), "en").headers["www-authenticate"].startswith("Bearer")


def test_no_code_stands_under_two_statuses():
    named = [code for codes in _CODES.values() for code in codes]
    assert len(named) == len(set(named))
    assert set(STATUS.values()) == {*_CODES, 503}
