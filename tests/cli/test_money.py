"""What a video costs, in the terminal: on the task, and in the list."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.gateway.remote_engines import ark_in
from tests.processes import end_gateway, run, settings_in
from tests.upstreams.ark import Ark

SIZED = ("--engine", "ark", "--duration", "5", "--resolution", "720p")


def test_expected_and_spent_stand_in_the_list(tmp_path: Path, request: pytest.FixtureRequest):
    settings = settings_in(tmp_path / "place")
    request.addfinalizer(lambda: end_gateway(settings))
    upstream = Ark(moves=("running",))
    with ark_in(settings.data_folder, upstream, price=10, per="million_tokens", budget=100):
        made = run(settings, "-m", "videogen_nb", "generate", "sea", *SIZED, "--no-wait", "--json")
        assert made.returncode == 0, made.stderr
        assert json.loads(made.stdout)["task"]["cost"]["expected"]
        listed = run(settings, "-m", "videogen_nb", "list")
        assert "Spent so far with ark: 0.00 of 100 CNY, plus 1.08 expected" in listed.stderr
        told = json.loads(run(settings, "-m", "videogen_nb", "list", "--json").stdout)
        [spent] = told["spending"]
        assert (spent["engine"], spent["budget"], spent["currency"]) == ("ark", 100, "CNY")
        task = told["tasks"][0]["id"]
        assert "1.08 CNY (expected)" in run(settings, "-m", "videogen_nb", "status", task).stdout
        spent = run(settings, "-m", "videogen_nb", "spend", "--by", "engine,day", "--csv")
        assert spent.stdout.splitlines()[0] == "engine,day,currency,videos,spent,expected"
        assert spent.stdout.splitlines()[1].startswith("ark,20")
        engines = run(settings, "-m", "videogen_nb", "engines").stdout
        assert "10 CNY per million tokens" in engines
        assert "0.00 of 100 CNY" in engines
