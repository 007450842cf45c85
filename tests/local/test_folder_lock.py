"""A data folder has one gateway, and a claim that no longer moves is nobody's."""

import os
import time

import pytest

from videogen_nb.errors import LocalGatewayError
from videogen_nb.local.folder_lock import BEAT_S, Claim, beat, claimed, moves, read_claim
from videogen_nb.local.info_file import this_machine


def leave_claim(folder, *, age_s=0.0):
    claim = Claim(machine="elsewhere", pid=1, info="/run/info.json")
    path = folder / "gateway.json"
    path.write_text(claim.model_dump_json())
    moment = time.time() - age_s
    os.utime(path, (moment, moment))
    return path


def test_a_claim_names_its_holder_and_ends_with_the_block(tmp_path):
    folder = tmp_path / "home"
    with claimed(folder, tmp_path / "info.json", timeout_s=0):
        held = read_claim(folder)
    assert held == Claim(machine=this_machine(), pid=os.getpid(), info=str(tmp_path / "info.json"))
    assert read_claim(folder) is None


def test_a_second_gateway_is_told_who_has_the_folder(tmp_path):
    with (
        claimed(tmp_path, tmp_path / "info.json", timeout_s=0),
        pytest.raises(LocalGatewayError, match=rf"process {os.getpid()} on {this_machine()}"),
        claimed(tmp_path, tmp_path / "other.json", timeout_s=0),
    ):
        pytest.fail("two gateways had one folder")


def test_a_folder_that_cannot_be_written_says_what_to_do(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(LocalGatewayError, match="VIDEOGEN_HOME"),
        claimed(tmp_path / "file" / "home", tmp_path / "info.json", timeout_s=0),
    ):
        pytest.fail("a file is no folder")


def test_a_claim_that_is_touched_moves(tmp_path):
    path = leave_claim(tmp_path, age_s=2)
    slept = []

    def sleep(seconds):
        slept.append(seconds)
        if len(slept) == 3:
            beat(tmp_path)

    assert moves(tmp_path, sleep=sleep)
    assert path.exists()
    assert sum(slept) <= 3 * BEAT_S


def test_a_claim_that_stands_still_does_not_move(tmp_path):
    leave_claim(tmp_path)
    slept: list[float] = []
    assert not moves(tmp_path, sleep=slept.append)
    assert sum(slept) >= 2 * BEAT_S  # a beat may come late


def test_a_claim_from_long_ago_is_not_waited_for(tmp_path):
    leave_claim(tmp_path, age_s=3_600)
    assert not moves(tmp_path, sleep=lambda s: pytest.fail("waited"))


def test_a_claim_that_vanishes_does_not_move(tmp_path):
    path = leave_claim(tmp_path)
    assert not moves(tmp_path, sleep=lambda s: path.unlink(missing_ok=True))
