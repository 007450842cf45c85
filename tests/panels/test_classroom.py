"""The class panel, against a real gateway whose owner looks on."""

from __future__ import annotations

import asyncio
import zipfile

import httpx
import pytest
from PIL import Image

from tests.panels.conftest import Page, press, texts, until
from videogen_nb.panels import ClassPanel
from videogen_nb.people.edit_file import add_person

SHORT = {"duration": 1, "resolution": "480p"}


@pytest.fixture(scope="session")
def token(gateway):
    """A student's."""
    return add_person(gateway.data_folder / "people.toml", "anna", "student", {})


@pytest.fixture
def anna(gateway, token):
    """A student of the gateway, over plain HTTP."""
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=gateway.url, headers=headers) as http:
        yield http


@pytest.fixture
def panel(link):
    panel = ClassPanel(link)
    yield panel
    panel.close()


def make(anna, prompt):
    body = {"prompt": prompt, "engine": "sketch", **SHORT}
    return anna.post("/api/video-gen/generate", json=body).raise_for_status().json()


def row(panel, name):
    return next((one for one in panel.view()["people"] if one["id"] == name), None)


def test_it_shows_who_waits_and_stops_and_retries_their_tasks(panel, anna):
    panel.pause().result(20)
    assert panel.view()["paused"] is True
    made = make(anna, "a sea for the teacher")
    panel.select("anna").result(20)
    found = until(lambda: row(panel, "anna"))
    assert (found["name"], found["cells"][0], found["selected"]) == ("anna", "1", True)
    [task] = [one for one in panel.view()["tasks"] if "for the teacher" in one["line"]]
    assert task["can_stop"]
    press(panel, "stop", id=task["id"])
    until(lambda: "Cancelled" in texts(panel))
    press(panel, "retry", id=f"{made['conversation_id']}-{made['message_id']}")
    until(lambda: len(panel.tasks) >= 2)
    press(panel, "pause")  # resumes
    until(lambda: panel.value and not panel.value.paused)
    until(lambda: row(panel, "anna")["cells"][2] != "0")


def test_it_saves_and_shows_what_the_class_made(panel, anna, gateway):
    made = make(anna, "hills for the sheet")
    ids = {name: made[name] for name in ("conversation_id", "message_id")}
    until(lambda: "completed" in anna.get("/api/video-gen/status", params=ids).text)
    sheet = panel.sheet().result(30)
    with Image.open(sheet) as image:
        assert image.format == "JPEG"
    key = panel.view()["sheet"]
    answer, [data] = Page(panel).send({"op": "pull", "key": key, "offset": 0})
    assert bytes(data) == sheet.read_bytes()
    assert answer["type"] == "image/jpeg"
    assert f"Saved {sheet}" in texts(panel)
    packed = panel.save_zip().result(30)
    with zipfile.ZipFile(packed) as archive:
        assert any(name.startswith("anna/hills-for-the-sheet") for name in archive.namelist())


def test_what_goes_wrong_is_told_and_it_goes_on_looking(panel, link, monkeypatch):
    until(lambda: panel.value)
    client = link._connection.client

    async def refuse() -> None:
        raise TimeoutError

    real = client.people
    monkeypatch.setattr(client, "people", refuse)
    with pytest.raises(TimeoutError):
        panel.refresh().result(20)
    assert panel.error
    monkeypatch.setattr(client, "people", real)
    panel.refresh().result(20)
    assert panel.error == ""


async def test_closing_it_ends_the_looking(link):
    panel = ClassPanel(link)
    panel.close()
    for _ in range(100):
        if panel.looking.done():
            break
        await asyncio.sleep(0.05)
    assert panel.looking.done()
