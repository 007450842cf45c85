"""Several people on one gateway: each has a token, and sees their own tasks and images only."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import httpx
import pytest

from videogen_nb.errors import LocalGatewayError
from videogen_nb.gateway.http.tokens import own_token, read_tokens
from videogen_nb.settings import Settings

from .conftest import Api, Opener, ids, image_bytes

ANNA, BEN, OURS = "a" * 20, "b" * 20, "the-gateways-own"
FILE = f"# the class of 2026\n\nanna {ANNA}\nben\t{BEN}\nanna {'c' * 20}\n"
ONE_TASK = (("GET", "status"), ("POST", "cancel"), ("POST", "retry"), ("DELETE", "task"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tokens"
    path.write_text(FILE)
    path.chmod(0o600)
    return path


def as_(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def create(api: Api, token: str, **body: Any) -> httpx.Response:
    body = {"prompt": "quick", "engine": "trial", **body}
    return await api.http.post("/api/video-gen/generate", json=body, headers=as_(token))


async def test_each_sees_their_own_tasks_only(opened: Opener, file: Path):
    async with opened(token=OURS, tokens_file=file) as api:
        task = (await create(api, ANNA)).json()
        for token, seen in ((ANNA, 1), ("c" * 20, 1), (BEN, 0), (OURS, 0)):
            answer = await api.http.get("/api/video-gen/list", headers=as_(token))
            assert (answer.status_code, answer.json()["total"]) == (200, seen)
        for token in (BEN, OURS):
            for method, call in ONE_TASK:
                answer = await api.http.request(
                    method, f"/api/video-gen/{call}", params=ids(task), headers=as_(token)
                )
                assert (answer.status_code, answer.json()["code"]) == (404, "task_not_found")
        answer = await api.http.get(
            "/api/video-gen/status", params=ids(task), headers=as_("c" * 20)
        )
        assert answer.status_code == 200


async def test_nor_anothers_images_or_idempotency_keys(opened: Opener, file: Path):
    async with opened(token=OURS, tokens_file=file) as api:
        params = {"file_type": "2", "file_name": "a.jpg"}
        upload = await api.http.post(
            "/api/file/upload", params=params, content=image_bytes(), headers=as_(ANNA)
        )
        answer = await create(api, BEN, image_attachment=upload.json())
        assert (answer.status_code, answer.json()["code"]) == (422, "unknown_attachment")
        api.http.headers["Idempotency-Key"] = "the-same"
        made = [(await create(api, token)).json()["message_id"] for token in (ANNA, BEN, ANNA)]
        assert made[0] == made[2] != made[1]


async def test_tasks_stay_their_owners_after_a_restart(opened: Opener, file: Path):
    async with opened(tokens_file=file) as api:
        task = (await create(api, ANNA)).json()
    async with opened(tokens_file=file) as api:
        for token, status in ((ANNA, 200), (BEN, 404)):
            answer = await api.http.get(
                "/api/video-gen/status", params=ids(task), headers=as_(token)
            )
            assert answer.status_code == status


async def test_a_token_of_nobody_gets_nowhere_and_none_is_ever_told(
    opened: Opener, file: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    async with opened(tokens_file=file) as api:
        for token in ("", "anna", ANNA[:-1], ANNA + "a", f"{ANNA} {BEN}", f"anna {ANNA}"):
            answer = await api.http.get("/api/video-gen/list", headers=as_(token))
            assert answer.status_code == 401
        task = (await create(api, ANNA)).text
    for token in (ANNA, BEN):
        assert token not in caplog.text + task


@pytest.mark.parametrize(
    ("words", "number"),
    [
        pytest.param("anna", 1, id="no-token"),
        pytest.param(f"\nanna {ANNA} x", 2, id="three-words"),
        pytest.param("anna short", 1, id="short"),
        pytest.param(f"anna {ANNA}\nben {ANNA}", 2, id="anothers"),
        pytest.param(f"anna {OURS}", 1, id="the-gateways-own"),
        pytest.param(f"anna {'é' * 20}", 1, id="not-ascii"),
        pytest.param(f"{'n' * 65} {ANNA}", 1, id="long-name"),
    ],
)
def test_a_bad_line_is_named_and_its_token_is_not(tmp_path: Path, words: str, number: int):
    file = tmp_path / "tokens"
    file.write_text(words)
    file.chmod(0o600)
    with pytest.raises(LocalGatewayError, match=f"Line {number} ") as caught:
        read_tokens(OURS, file)
    told = caught.value.text.render("en") + caught.value.text.render("zh") + repr(caught.value)
    assert ANNA not in told
    assert OURS not in told


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path):
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(LocalGatewayError, match="VIDEOGEN_TOKENS_FILE"):
            read_tokens(None, path)
    (tmp_path / "binary").write_bytes(b"\xff\xff\xfe")
    (tmp_path / "binary").chmod(0o600)
    with pytest.raises(LocalGatewayError, match="Cannot read the tokens file"):
        read_tokens(None, tmp_path / "binary")


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", " \r\n", "\ufeff\n"])
def test_a_file_that_an_editor_of_windows_saved_lets_the_same_people_in(code, end, tmp_path):
    file = tmp_path / "tokens"
    file.write_bytes(f"ann {'a' * 20}{end}bob {'b' * 20}{end}".encode(code))
    file.chmod(0o600)
    assert read_tokens(None, file).owner_of("b" * 20) == "bob"
    assert read_tokens(None, file).owner_of("a" * 20) == "ann"


def test_beside_a_file_there_is_always_a_token_of_the_gateways_own(file: Path):
    assert own_token(Settings()) is None
    assert own_token(Settings(token="set")) == "set"
    assert own_token(Settings(token="set", tokens_file=file)) == "set"
    made = own_token(Settings(tokens_file=file))
    assert made
    assert made != own_token(Settings(tokens_file=file))
    assert read_tokens(made, file).owner_of(made) == ""
