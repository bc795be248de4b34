"""The API under data made up from its own description: never a 500, never a reply that it does not declare."""

import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from faults.service import Service
from tests.web.test_responses_api import HAPPY

CONFIG = Path(__file__).parent / "fuzzing.toml"
SEED = "20260701"


@pytest.fixture
async def service(database_url, publish, tmp_path):
    """The service as its users start it, with surveys of which one has a few responses."""
    await publish()
    await publish("staff-digital")
    await publish("h12345-intake")
    with Service(tmp_path, url=database_url, workers=1) as service:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{service.port}") as client:
            given = [{"id": str(uuid4()), "answers": {**HAPPY, "Q3": 1 + n % 5, "D3": 1 + n % 3}} for n in range(20)]
            assert (await client.post("/api/v1/surveys/gov-sat/responses/batch", json=given)).status_code == 200
        yield service


def fuzz(service, headers, *, examples, folder):
    """Run schemathesis, which ends with 0 when it finds nothing."""
    command = [Path(sys.executable).with_name("schemathesis"), "--config-file", CONFIG, "run"]
    command += [f"http://127.0.0.1:{service.port}/schema/openapi.json", "--max-examples", str(examples), "--seed", SEED]
    command += [part for name, value in headers.items() for part in ("--header", f"{name}: {value}")]
    environ = {**os.environ, "NO_COLOR": "1", "COLUMNS": "120"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environ, timeout=600)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    assert "14 selected / 14 total" in done.stdout  # a route that is not described is not fuzzed


async def test_no_made_up_request_gets_anything_but_what_the_description_declares(service, evaluator_headers, tmp_path):
    fuzz(service, evaluator_headers, examples=4, folder=tmp_path)


@pytest.mark.slow
async def test_the_same_at_length(service, evaluator_headers, tmp_path):
    fuzz(service, evaluator_headers, examples=20, folder=tmp_path)
