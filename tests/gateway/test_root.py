"""``GET /`` says what this server is."""

from __future__ import annotations

import re

import pytest

from .conftest import Opener


async def test_a_program_is_told_where_to_read_on(opened: Opener):
    async with opened(token="a-token") as api:
        answer = await api.http.get("/")
        assert (answer.status_code, answer.json()["service"]) == (200, "videogen-nb")
        for name in ("docs", "openapi"):
            assert (await api.http.get(answer.json()[name])).status_code == 200
        for name in ("engines", "models"):
            assert (await api.http.get(answer.json()[name])).status_code == 401
        assert (await api.http.head("/")).status_code == 200
        assert not re.search(r"\bpid\b|/home|/tmp|127\.0\.0\.1", answer.text), (
            "nothing else is told"
        )


@pytest.mark.parametrize(("language", "words"), [("en", "This is a"), ("zh", "这是")])
async def test_a_person_gets_a_page_in_their_language(opened: Opener, language: str, words: str):
    async with opened() as api:
        headers = {"Accept": "text/html,*/*", "Accept-Language": language}
        answer = await api.http.get("/", headers=headers)
        assert answer.headers["content-type"].startswith("text/html")
        assert words in answer.text
        assert 'href="docs"' in answer.text, "relative: it may live behind a prefix"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
