"""The panels' scripts: how they are joined, and their own tests and linter, run with Node."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from videogen_nb.panels.browser.scripts import CannotJoin, join, joined, stylesheet

TESTS = Path(__file__).parent / "js"
STATIC = Path(__file__).parents[2] / "videogen_nb" / "panels" / "static"
SCRIPTS = sorted(STATIC.glob("*.js"))


@pytest.fixture(scope="session")
def node() -> str:
    """Node with the tests' packages; skipped where it lacks, but never in CI."""
    found = shutil.which("node")
    why = None if found else "no Node here: apt install nodejs npm"
    if found and not (TESTS / "node_modules" / "happy-dom").exists():
        why = "the scripts' tests need their packages: npm install, in tests/panels/js"
    if why and os.environ.get("CI"):
        pytest.fail(f"CI has to test the scripts; {why}")
    if why:
        pytest.skip(why)
    assert found is not None
    return found


def run(*command: str, **env: str) -> str:
    """What a command said; its failure is the test's."""
    done = subprocess.run(
        command, cwd=TESTS, env=os.environ | env, capture_output=True, text=True, timeout=100
    )
    failed = re.findall(r"^ *not ok .*(?:\n(?! *(?:not )?ok ).*){0,30}", done.stdout, re.MULTILINE)
    assert done.returncode == 0, "\n".join([*failed, done.stdout[-3000:], done.stderr[-2000:]])
    return done.stdout


@pytest.mark.node
def test_the_scripts_pass_their_own_tests(node):
    told = run(node, "--test", "--test-reporter=tap")
    found = re.search(r"^# pass (\d+)$", told, re.MULTILINE)
    assert found is not None
    assert int(found[1]) > 40


@pytest.mark.node
def test_joined_they_pass_as_well(node, tmp_path):
    script = tmp_path / "joined.mjs"
    script.write_text(joined(), encoding="utf-8")
    run(node, "--check", str(script))
    run(node, "--test", "parts.test.mjs", PANEL_SCRIPT=script.as_uri())


@pytest.mark.node
def test_the_linter_finds_nothing(node):
    biome = TESTS / "node_modules" / ".bin" / "biome"
    run(str(biome), "ci", "--error-on-warnings", ".", str(STATIC))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_no_script_makes_html_of_a_text(path):
    made = re.findall(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b|new Function",
        path.read_text("utf-8"),
    )
    assert made == []


def modules(**texts: str):
    return lambda name: texts[name]


@pytest.mark.node
def test_joined_modules_keep_their_private_names(node, tmp_path):
    read = modules(
        main='import { a } from "./a.js";\nimport { b as other } from "./b.js";\n'
        "export default [a(), other];\n",
        a="const hidden = 1;\nexport function a() {\n  return hidden;\n}\n",
        b='import { a } from "./a.js";\nconst hidden = 2;\nexport const b = a() + hidden;\n',
    )
    script = tmp_path / "main.mjs"
    script.write_text(join("main", read), encoding="utf-8")
    code = f"import({str(script.as_uri())!r}).then((m) => console.log(JSON.stringify(m.default)))"
    assert run(node, "-e", code).strip() == "[1,3]"


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        pytest.param(
            {
                "main": 'import { a } from "./a.js";',
                "a": 'import { b } from "./b.js";',
                "b": 'import { a } from "./a.js";',
            },
            "main → a → b → a",
            id="a-circle",
        ),
        pytest.param({"main": 'import * as a from "./a.js";'}, "cannot be joined", id="star"),
        pytest.param({"main": 'import a from "elsewhere";'}, "cannot be joined", id="a-package"),
        pytest.param({"main": "export { a };"}, "cannot be joined", id="a-list"),
        pytest.param({"main": "export let a = 1;"}, "cannot be joined", id="let"),
        pytest.param(
            {"main": 'import { a } from "./a.js";', "a": "export default 1;"},
            "only the entry",
            id="default-within",
        ),
    ],
)
def test_what_cannot_be_joined_is_refused(texts, says):
    with pytest.raises(CannotJoin, match=re.escape(says)):
        join("main", modules(**texts))


def test_every_class_that_is_styled_is_used():
    used = "".join(path.read_text("utf-8") for path in SCRIPTS)
    styled = set(re.findall(r"\.(vnb-[\w-]+)", stylesheet()))
    assert {name for name in styled if name not in used} == set()
