"""What was drawn of a prompt: told in each asker's language, and still after a restart."""

from __future__ import annotations

from .conftest import Opener


async def test_it_is_told_in_the_askers_language_and_kept(opened: Opener):
    async with opened() as api:
        made = (await api.create("hot air balloons at sunrise", engine="sketch"))["task"]
        assert made["drawn"]["missing"] == ["hot air balloons"], "before anything is rendered"
    async with opened() as api:
        told = {}
        for language in ("en", "zh"):
            answer = await api.http.get(
                "/api/video-gen/status",
                params={name: made[name] for name in ("conversation_id", "message_id")},
                headers={"Accept-Language": language},
            )
            told[language] = answer.json()["task"]["drawn"]
        assert told["en"]["shown"] == ["clouds", "sunrise"]
        assert told["zh"]["missing"] == ["热气球"]
        assert "热气球" in told["zh"]["line"]
        link = told["zh"]["link"]
        page = await api.http.get(link, headers={"Accept-Language": "zh"})
        assert page.status_code == 200
        assert "ark" in page.text
        assert "真正的视频生成引擎" in page.text


async def test_the_page_about_engines_needs_no_token(opened: Opener):
    async with opened(token="a-token") as api:
        page = await api.http.get("/engines")
        assert page.status_code == 200
        assert "default-src 'none'" in page.headers["content-security-policy"]
