"""The parts of the core that are changed, and the tests that should notice."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "videogen_nb"

_GATEWAY = "tests/gateway/test_"
_JOBS = tuple(f"{_GATEWAY}{name}.py" for name in (
    "tasks", "queue", "fairness", "restart", "workers", "estimates", "faults", "batches",
))  # fmt: skip
_PROVIDERS = tuple(f"tests/engines/{name}" for name in (
    "test_openai.py", "test_ark.py", "test_comfy.py", "test_comfy_hosted.py",
    "rest/test_table.py", "rest/test_providers.py",
))  # fmt: skip

#: A folder or module of the package, and test files or folders; the longest name wins.
PARTS: dict[str, tuple[str, ...]] = {
    "protocol": ("tests/protocol", "tests/panels/test_task.py", f"{_GATEWAY}requests.py"),
    "client": ("tests/client", "tests/cli/test_backup.py"),
    "local": ("tests/local", f"{_GATEWAY}serve.py", f"{_GATEWAY}local_users.py"),
    "gateway/jobs": (*_JOBS, f"{_GATEWAY}remote_tasks.py", f"{_GATEWAY}costs.py"),
    "gateway/jobs/local": _JOBS,
    "gateway/jobs/remote": tuple(f"{_GATEWAY}{name}.py" for name in (
        "remote_tasks", "final_states", "at_most_once", "costs", "fairness", "collect_paid",
        "person_limits",
    )),
    "gateway/jobs/pool": (f"{_GATEWAY}pool.py", "tests/engines/test_instances.py"),
    "gateway/jobs/cluster": (f"{_GATEWAY}cluster.py", "tests/cli/test_cluster.py"),
    "gateway/storage": (
        "tests/hardening/test_store_machine.py",
        *(f"{_GATEWAY}{name}.py" for name in (
            "store", "tasks", "private", "upgrade", "costs", "spending", "batches", "backup",
            "notify", "requests", "organizing", "reload", "unfinished",
        )),
    ),
    "gateway/files": tuple(f"{_GATEWAY}{name}.py" for name in (
        "media", "media_checker", "requests", "continue", "floods", "organizing", "faults",
        "people", "classroom", "saved_copies", "zip_and_contact_sheet",
    )),
    "gateway/outgoing": tuple(f"{_GATEWAY}{name}.py" for name in (
        "fetcher", "fetch_by_proxy", "notify",
    )),
    "engines/error_codes.py": ("tests/engines/test_error_codes.py", *_PROVIDERS),
    "engines/result_addresses.py": ("tests/engines/test_credentials.py", *_PROVIDERS),
    "engines/ark/responses.py": _PROVIDERS,
    "engines/comfy/outputs.py": _PROVIDERS,
    "engines/openai/responses.py": _PROVIDERS,
    "engines/rest/responses.py": _PROVIDERS,
    "panels": ("tests/panels",),
}  # fmt: skip


def modules() -> dict[Path, str]:
    """Return the modules of all parts, each with the name of its part."""
    found = {}
    for part in sorted(PARTS, key=len):
        path = PACKAGE / part
        for module in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            found[module] = part
    return found


def files_of_tests(part: str) -> list[str]:
    """Return the test files of a part, relative to the repository."""
    found: list[Path] = []
    for name in PARTS[part]:
        path = ROOT / name
        found += sorted(path.glob("test_*.py")) if path.is_dir() else [path]
    return [path.relative_to(ROOT).as_posix() for path in found]
