"""Whatever fits the OpenAPI document, or nearly does, is answered and never with a fault.

schemathesis makes the requests and a real gateway answers them. What depends on earlier answers it
seldom finds; for that there are tests/gateway/test_requests.py and the state machines beside this.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode

from videogen_nb.gateway.http.app import create_app
from videogen_nb.settings import Settings

from ..gateway.trial_engine import install
from .gateway_lives import begin

EXAMPLES = 8  # of each operation and mode


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    life = begin(tmp_path / "home", install(tmp_path / "site"), token=None)
    assert life is not None
    yield life.url
    life.kill()


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_no_request_is_a_fault_of_the_gateway(url: str, mode: GenerationMode):
    document = create_app(Settings()).openapi()
    schema = schemathesis.openapi.from_dict(document)
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) >= 12
    tried = [operation for operation in operations if _try(operation, url, mode)]
    assert len(tried) >= 8


def _try(operation: Any, url: str, mode: GenerationMode) -> bool:
    """False where nothing can be asked that does not fit: the operation takes nothing."""

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def answered(case: Any) -> None:
        answer = case.call(base_url=url, timeout=30)
        assert answer.status_code < 500, f"{case.as_curl_command()}: {answer.text}"
        if answer.status_code >= 400 and case.method != "HEAD":
            assert set(answer.json()) >= {"detail"} or "error" in answer.json()

    try:
        answered()
    except Unsatisfiable:
        return False
    return True
