"""Tables: read from whatever kind, checked whole, run again, saved by the names of a template."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import polars as pl
import pytest
from PIL import Image

from tests.gateway.trial_engine import install
from videogen_nb.client import VideoClient
from videogen_nb.client.batch.estimate import Estimate
from videogen_nb.client.batch.run import _check_refused
from videogen_nb.client.batch.table import read_table
from videogen_nb.errors import BadParameter, BadRows, DownloadError, VideogenError
from videogen_nb.i18n import Text
from videogen_nb.media.probe import probe
from videogen_nb.protocol.models import BatchAnswer, BatchRow

from ..old_and_new_gateway import image_bytes, image_file, older_world, our_world

TRIAL: dict[str, Any] = {"engine": "trial"}
TABLE = [{"prompt": "quick one", "seed": 1}, {"prompt": "quick two", "seed": 2}]


@pytest.fixture(autouse=True)
def _engines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(install(tmp_path / "site")))


async def prompts(videos: VideoClient) -> list[str | None]:
    return [task.prompt for task in (await videos.list_tasks()).tasks]


# Reading tables


def test_every_kind_of_table_is_read_alike(tmp_path):
    csv, by_excel = tmp_path / "t.csv", tmp_path / "e.csv"
    csv.write_text("prompt,seed\nquick one,1\nquick two,2\n", "utf-8-sig")
    by_excel.write_text("prompt\tseed\nquick one\t1\nquick two\t2\n", "utf-16")
    columns = {"prompt": ["quick one", "quick two"], "seed": [1, 2]}
    for table in (TABLE, columns, pd.DataFrame(TABLE), pl.DataFrame(TABLE)):
        assert read_table(table) == TABLE
    for path in (csv, str(csv), by_excel):
        assert read_table(path) == [{**row, "seed": str(row["seed"])} for row in TABLE]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_csv_may_have_other_delimiters_and_text_of_several_lines(tmp_path, delimiter):
    csv = tmp_path / "t.csv"
    csv.write_text(f'prompt{delimiter}seed\n"海边\n日落"{delimiter}7\n', "utf-8")
    assert read_table(csv) == [{"prompt": "海边\n日落", "seed": "7"}]


def test_empty_cells_are_left_out():
    frame = pd.DataFrame({"prompt": ["a", "b"], "seed": [1, None], "image": [None, "x.png"]})
    assert read_table(frame) == [{"prompt": "a", "seed": 1.0}, {"prompt": "b", "image": "x.png"}]
    assert read_table([{"prompt": "a", "ratio": " "}]) == [{"prompt": "a"}]


def test_combinations_are_all_there_the_last_column_changing_fastest():
    table = {"prompt": ["a", "b"], "seed": [1, 2, 3]}
    found = [(row["prompt"], row["seed"]) for row in read_table(table, product=True)]
    assert found == [("a", 1), ("a", 2), ("a", 3), ("b", 1), ("b", 2), ("b", 3)]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (7, "list of dictionaries"),
        ([], "no rows"),
        ([{}], "no rows"),
        ({"prompt": ["a", "b"], "seed": [1, 2, 3]}, "has 2 values"),
        ("nowhere.csv", "Cannot read"),
    ],
)
def test_what_is_no_table_is_told(table, words):
    with pytest.raises(BadParameter, match=words):
        read_table(table)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("提示词\n海".encode("gb18030"), "not UTF-8"),
        (b"prompt\na,b\n", "row 1 has more than 1 cells"),
        (b'prompt\n"a"b\n', "row 1: "),
    ],
)
def test_a_csv_that_cannot_be_read_is_told(tmp_path, data, words):
    csv = tmp_path / "t.csv"
    csv.write_bytes(data)
    with pytest.raises(BadParameter, match=words):
        read_table(csv)


# From a table to files


async def test_a_table_becomes_files_in_its_order(tmp_path):
    async with our_world() as videos:
        batch = await (await videos.batch(TABLE, "Ads!", **TRIAL))
        assert batch.estimate().new == 2
        assert [path.name for path in sorted((tmp_path / "output" / "Ads").glob("*.mp4"))] == [
            "001-quick-one-1.mp4",
            "002-quick-two-2.mp4",
        ]
        assert all(probe(video.path).codec == "h264" for video in batch.videos.values())
        records = batch.records()
        assert [record["prompt"] for record in records] == ["quick one", "quick two"]
        assert {record["status"] for record in records} == {"completed"}
    assert all(record["path"].endswith(".mp4") for record in records)


async def test_run_again_it_makes_and_fetches_only_what_is_missing(tmp_path):
    async with our_world() as videos:
        await (await videos.batch(TABLE, "ads", **TRIAL))
        lying = {p: p.stat().st_mtime_ns for p in (tmp_path / "output" / "ads").iterdir()}
        grown = [*TABLE, {"prompt": "quick three", "seed": 3}]
        batch = await (await videos.batch(grown, "ads", **TRIAL))
        assert (batch.estimate().new, batch.estimate().existing) == (1, 2)
        assert len(batch.videos) == 3
        assert {p: p.stat().st_mtime_ns for p in lying} == lying
        assert len(await prompts(videos)) == 3


async def test_an_edited_row_of_a_key_is_made_anew_and_the_old_file_stays(tmp_path):
    async with our_world() as videos:
        table = [{"id": "a", "prompt": "quick before"}]
        [before] = (await (await videos.batch(table, "ads", key="id", **TRIAL))).videos.values()
        table[0]["prompt"] = "quick after"
        path = f"{tmp_path}/ads/{{key}}.mp4"
        batch = await (await videos.batch(table, "ads", key="id", path=path, **TRIAL))
        assert batch.estimate().new == 1
        assert batch.videos[1].task.prompt == "quick after"
        assert before.path.is_file()


async def test_another_file_of_that_name_is_not_replaced(tmp_path):
    own = tmp_path / "out" / "1.mp4"
    own.parent.mkdir()
    own.write_text("something of mine")
    async with our_world() as videos:
        batch = await videos.batch(TABLE[:1], "ads", path=f"{own.parent}/{{row}}.mp4", **TRIAL)
        [video] = (await batch).videos.values()
    assert own.read_text() == "something of mine"
    assert video.path != own


async def test_failed_rows_are_told_and_tried_anew_on_a_word():
    async with our_world() as videos:
        batch = await (await videos.batch([*TABLE, {"prompt": "error"}], "ads", **TRIAL))
        [*good, bad] = batch.records()
        assert {record["status"] for record in good} == {"completed"}
        assert bad["status"] == "failed"
        assert "No paint left" in bad["error"]
        first = batch.tasks[3].id
        assert await batch.again("failed") == 1
        assert batch.tasks[3].id != first
        await batch
        assert batch.counts == {"completed": 2, "failed": 1}
        assert await batch.again("cancelled") == 0


async def test_a_batch_is_cancelled(tmp_path):
    table = [{"prompt": f"gate {n}"} for n in range(3)]
    async with our_world() as videos:
        batch = await videos.batch(table, "ads", extra={"gate": str(tmp_path / "no")}, **TRIAL)
        assert await batch.cancel() == 3
        assert (await batch).counts == {"cancelled": 3}


async def test_each_change_is_told_once_to_everybody_who_watches():
    async with our_world() as videos:
        batch = await videos.batch(TABLE, "ads", **TRIAL)
        one = [task async for task in batch.watch()]
        two = [task async for task in batch.watch()]
        assert [task.prompt for task in two] == ["quick one", "quick two"]
        assert {task.status.value for task in two} == {"completed"}
        assert {task.id for task in one} == {task.id for task in two}


async def test_a_frame_is_of_the_tables_own_library():
    async with our_world() as videos:
        for table, kind in (
            (pd.DataFrame(TABLE), pd.DataFrame),
            (pl.DataFrame(TABLE), pl.DataFrame),
            (TABLE, pd.DataFrame),
        ):
            frame = (await (await videos.batch(table, "ads", **TRIAL))).frame()
            assert type(frame) is kind
            assert list(frame["prompt"]) == ["quick one", "quick two"]
            assert list(frame.columns)[-6:] == [
                "task", "status", "path", "cost", "currency", "error",
            ]  # fmt: skip


# Columns, constants, images


async def test_columns_and_constants_for_every_parameter():
    table = [{"what": "quick", "len": 2, "seed": 5}, {"what": "quick", "len": 3, "seed": 6}]
    async with our_world() as videos:
        batch = await videos.batch(
            table, "ads", prompt="what", seed=9, labels=["a", "b"], extra={"k": 1}, **TRIAL
        )
        assert [task.seed for task in batch.tasks.values()] == [9, 9]
        assert batch.tasks[1].labels == ["a", "b"]
        assert batch.tasks[1].parameters == {"duration": 1.0, "resolution": "tiny", "k": 1}
        assert {task.group for task in batch.tasks.values()} == {"ads"}


async def test_a_csv_says_what_it_means_in_words(tmp_path):
    csv = tmp_path / "ads.csv"
    csv.write_text('prompt,seed,labels,extra\nquick,7,"a, b","{""k"": 1}"\n', "utf-8")
    async with our_world() as videos:
        batch = await videos.batch(csv, **TRIAL)
        assert batch.name == "ads"
        assert (batch.tasks[1].seed, batch.tasks[1].labels) == (7, ["a", "b"])
        assert (batch.tasks[1].parameters or {})["k"] == 1


async def test_combinations_of_columns_and_constants():
    async with our_world() as videos:
        given: dict[str, Any] = {"product": True, "seed": [1, 2, 3], **TRIAL}
        batch = await videos.batch({"prompt": ["quick a", "quick b"]}, "ads", **given)
        assert [task.seed for task in batch.tasks.values()] == [1, 2, 3, 1, 2, 3]


async def test_images_come_as_paths_bytes_images_and_attachments(tmp_path):
    csv = tmp_path / "t.csv"
    image_file(tmp_path, "beside.png")
    async with our_world() as videos:
        attachment = await videos.upload_image(image_bytes())
        table: list[dict[str, Any]] = [
            {"prompt": "quick", "image": image}
            for image in (
                image_file(tmp_path),
                str(image_file(tmp_path)),
                image_bytes((64, 64)),
                Image.new("RGB", (64, 48), "red"),
                attachment,
                attachment.to_wire(),
            )
        ]
        batch = await videos.batch(table, "ads", **TRIAL)
        assert batch.estimate().new == 6
        requests = [row.request for row in batch.rows]
        assert all(request and request.image_attachment for request in requests)
        csv.write_text("prompt,image\nquick,beside.png\n", "utf-8")
        batch = await videos.batch(csv, "csv", **TRIAL)
        assert batch.rows[0].request is not None
        assert batch.rows[0].request.image_attachment is not None
        constant = await videos.batch(
            [{"prompt": "quick"}], "one", image=image_file(tmp_path), **TRIAL
        )
        assert constant.rows[0].request is not None
        assert constant.rows[0].request.image_attachment is not None


async def test_a_row_starts_from_the_last_frame_of_a_video():
    async with our_world() as videos:
        first = (await (await videos.batch(TABLE[:1], "one", **TRIAL))).videos[1]
        table = [{"prompt": "quick", "image": first}, {"prompt": "quick", "image": first.task}]
        batch = await videos.batch(table, "two", **TRIAL)
        assert batch.estimate().new == 2
        assert all(task.images for task in batch.tasks.values())


# Nothing is made of a table that does not fit


async def test_all_rows_that_do_not_fit_are_told_here_and_there_together(tmp_path):
    table = [
        {"prompt": "quick"},
        {"prompt": None, "seed": 1},
        {"prompt": "quick", "seed": "seven"},
        {"prompt": "quick", "image": "nowhere.png"},
        {"prompt": "quick", "engine": "nowhere"},
        {"prompt": "quick", "duration": 99},
    ]
    async with our_world() as videos:
        for dry_run in (False, True):
            with pytest.raises(BadRows) as told:
                await videos.batch(table, "ads", dry_run=dry_run)
            assert [problem.row for problem in told.value.rows] == [2, 3, 4, 5, 6]
            assert "5 of 6 rows" in str(told.value)
            assert "\n  Row 4: File not found: nowhere.png" in str(told.value)
        assert await prompts(videos) == []


async def test_rows_that_only_the_gateway_refuses_are_told_too():
    async with our_world() as videos:
        with pytest.raises(BadRows) as told:
            await videos.batch([{"prompt": "quick"}, {"prompt": "x", "engine": "no"}], "ads")
        assert [(problem.row, problem.code) for problem in told.value.rows] == [
            (2, "unknown_engine")
        ]


async def test_a_table_of_bad_rows_alone_is_not_sent():
    asked: list[str] = []

    def app(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        return httpx.Response(200, json={"service": "videogen-nb"})

    async with VideoClient("localhost:1", transport=httpx.MockTransport(app)) as videos:
        with pytest.raises(BadRows, match="1 of 1 row is invalid"):
            await videos.batch([{"prompt": "quick", "seed": "seven"}], "ads")
    assert asked == ["GET"], "who it is, and no more"


def test_a_row_whose_state_is_not_told_is_not_refused():
    rows = [BatchRow(row=1), BatchRow(row=2, state="refused"), BatchRow(row=3, state="new")]
    with pytest.raises(BadRows) as told:
        _check_refused(BatchAnswer(name="ads", rows=rows))
    assert [problem.row for problem in told.value.rows] == [2]


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ((None, {}), ", no time estimate yet"),
        ((0.0, {"USD": 0.5}), ", about 0 s of work, about 0.50 USD"),
        (
            (12.4, {"CNY": 1, "USD": 2}, 4),
            ", about 12 s of work, about 1.00 CNY, 2.00 USD, plus 4 for which the price is unknown",
        ),
    ],
)
def test_an_estimate_says_what_is_known(told, says):
    assert str(Estimate("ads", 3, 2, 1, *told)) == f"ads: 3 rows, 2 new, 1 existing{says}"


async def test_a_dry_run_makes_nothing():
    async with our_world() as videos:
        told = await videos.batch(TABLE, "ads", dry_run=True, **TRIAL)
        assert (told.rows, told.new, told.existing) == (2, 2, 0)
        assert "2 rows, 2 new" in str(told)
        assert await prompts(videos) == []


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("{nothing}.mp4", "Unknown template field 'nothing'"),
        ("{prompt.__class__}.mp4", "Unknown template field"),
        ("{row!r}.mp4", "Unknown template field 'row'"),
        ("{row:{seed}}.mp4", "Unknown template field 'row'"),
        ("{seed}.mp4", "Rows 1 and 2"),
        ("{prompt:.5}.mp4", "Rows 1 and 2"),
        ("../{row}/../../x.mp4", "points outside"),
        ("a:{row}.mp4", "not every system"),
        ("{row", "Invalid template"),
        ("{row:z}.mp4", "cannot be applied"),
        ("{row}" + "x" * 300 + ".mp4", "too long"),
    ],
)
async def test_a_template_is_checked_before_anything_is_made(path, words):
    table = [{"prompt": "quick one"}, {"prompt": "quick two"}]
    async with our_world() as videos:
        with pytest.raises((BadParameter, DownloadError), match=words):
            await videos.batch(table, "ads", path=path, **TRIAL)
        assert await prompts(videos) == []


async def test_names_hold_whatever_the_table_says(tmp_path):
    table = [{"prompt": 'quick : a/b\\c "海" ../..', "sku": "A/1", "ratio": "16:9"}]
    async with our_world() as videos:
        path = f"{tmp_path}/{{sku}}/{{batch}}-{{ratio}}-{{prompt:.30}}.mp4"
        [video] = (await (await videos.batch(table, "ads", path=path, **TRIAL))).videos.values()
    assert video.path == tmp_path / "A-1" / "ads-16-9-quick-a-b-c-海.mp4"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": "ads", "prompt": "promt"}, "Did you mean: prompt"),
        ({"name": "ads", "key": "sku"}, "no column 'sku'"),
        ({"name": "ads", "durration": 5}, "Did you mean 'duration'"),
        ({}, "needs a name"),
    ],
)
async def test_slips_are_told(given, words):
    async with our_world() as videos:
        with pytest.raises(BadParameter, match=words):
            await videos.batch(TABLE, **given)


async def test_a_column_that_is_nearly_a_parameter_is_not_ignored_unsaid():
    async with our_world() as videos:
        with pytest.raises(BadParameter, match=r"'durration' is not .* 'duration'"):
            await videos.batch([{"prompt": "quick", "durration": 5}], "ads")
        with pytest.raises(BadParameter, match="no column “prompt”"):
            await videos.batch([{"seed": 5}], "ads")


async def test_an_older_gateway_is_told_to_take_no_tables():
    async with older_world() as older:
        with pytest.raises(VideogenError, match="does not support batches") as told:
            await older.client.batch(TABLE, "ads")
        assert told.value.code == "no_batches"
        assert not older.gateway.tasks
        assert not (await older.client.capabilities()).batches


# What a hurried person does


async def test_an_empty_cell_leads_out_of_no_folder(tmp_path):
    table = [{"prompt": "quick", "sku": None}, {"prompt": "quick", "sku": "b"}]
    for template in ("{sku}/{row}.mp4", "{sku}.{sku}./{row}.mp4"):
        async with our_world() as videos:
            begun = await videos.batch(table, "ads", path=f"{tmp_path}/ads/{template}", **TRIAL)
            first = (await begun).videos[1]
        assert first.path == tmp_path / "ads" / "1.mp4"


async def test_numbers_that_pandas_makes_of_a_column_with_a_gap_are_the_same_rows(tmp_path):
    table = pd.DataFrame({"sku": [7, 8, None], "prompt": ["quick one", "quick two", "quick"]})
    given: dict[str, Any] = {"key": "sku", "path": f"{tmp_path}/{{sku}}.mp4", **TRIAL}
    async with our_world() as videos:
        first = await (await videos.batch(table[:2], "ads", **given))
        assert [first.videos[n].path.name for n in (1, 2)] == ["7.mp4", "8.mp4"]
        filled = table.fillna({"sku": 9}).astype({"sku": int})
        assert (await videos.batch(filled, "ads", **given)).estimate().existing == 2


async def test_a_row_whose_task_is_deleted_meanwhile_is_not_waited_for(tmp_path):
    gate = tmp_path / "gate"
    table = [{"prompt": "quick"}, {"prompt": "gate", "extra": {"gate": str(gate)}}]
    async with our_world() as videos:
        batch = await videos.batch(table, "ads", **TRIAL)
        await videos.wait(batch.tasks[1])  # and nobody looks at the batch
        gate.touch()
        await videos.delete(batch.tasks[1])
        await batch.wait(max_wait_s=20)
        assert [record["status"] for record in batch.records()] == [None, "completed"]


async def test_what_a_callback_raises_ends_nothing():
    async with our_world() as videos:
        batch = await videos.batch(TABLE, "ads", **TRIAL)
        await batch.wait(on_change=lambda task: 1 / 0)
        assert len(batch.videos) == 2


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame])
async def test_a_frame_holds_what_only_late_rows_have(kind):
    table = [{"prompt": "quick"}] * 150
    async with our_world() as videos:
        batch = await videos.batch(kind(table), "ads", **TRIAL)
        batch.errors[150] = VideogenError(Text.same("late"))
        frame = batch.frame()
        assert [*frame["error"]][-1] == "late"
