"""What was drawn of a prompt: told in each requester's language, and still after a restart."""

from __future__ import annotations

from .conftest import Opener, ids


async def test_it_is_told_in_the_askers_language_and_kept(opened: Opener):
    async with opened() as api:
        made = (await api.create("hot air balloons at sunrise", engine="sketch"))["task"]
        assert made["drawn"]["missing"] == ["hot air balloons"], "before anything is rendered"
        assert made["drawn"]["line"].startswith("Will draw: clouds, sunrise. Won't draw: hot air")
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
        assert "真正的视频模型" in page.text


async def test_once_there_is_a_video_it_is_told_as_done_and_of_a_cancelled_one_nothing(
    opened: Opener,
):
    async with opened() as api:
        done = await api.create("a sunset over the sea", engine="sketch", duration=1, fps=12)
        stopped = await api.create("a sunset over the sea", engine="sketch", seed=7)
        await api.ok(api.http.post("/api/video-gen/cancel", params=ids(stopped)))
        assert (await api.finished(stopped))["drawn"] is None
        line = (await api.finished(done))["drawn"]["line"]
        assert line.startswith("Drawn: sunset, sea.")


async def test_the_page_about_engines_needs_no_token(opened: Opener):
    async with opened(token="a-token") as api:
        page = await api.http.get("/engines")
        assert page.status_code == 200
        assert "default-src 'none'" in page.headers["content-security-policy"]
