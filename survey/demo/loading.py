"""What `survey demo` loads, once, and what it prints."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import asyncpg
import msgspec

import survey
from survey.cli.intake import Job, import_table
from survey.cli.running import connection
from survey.db import accounts, responses, surveys
from survey.db.breakoffs import add_stopped
from survey.db.coded import Layout
from survey.db.contacts import insert_contacts
from survey.db.matrices import Matrices
from survey.db.migrate import migrate
from survey.db.surveys import Published
from survey.demo import gov_sat, h12345, staff_digital
from survey.demo.stopping import stopped
from survey.demo.synthetic import BEFORE, NOW, Draw, arrivals
from survey.errors import Conflict, NotFound
from survey.forms.instrument import Instrument
from survey.responses import Wave
from survey.settings import Settings
from survey.web.fieldwork import Loaded
from survey.web.sealing import Sealer
from survey.web.submission import contacts_from, response_from

INSTRUMENTS = Path(survey.__file__).parent / "instruments"
DATA = Path(__file__).parent
FIELDWORK = timedelta(days=400)
"""How long after the first start the open waves stay open."""

Tell = Callable[[str], object]


class Made(NamedTuple):
    """A survey with made-up responses: how many a wave, and who makes them."""

    slug: str
    n: int
    draw: Draw


MADE = (
    Made("gov-sat", 1200, gov_sat.draw),
    Made("staff-digital", 600, staff_digital.draw),
    Made("h12345-intake", 800, h12345.draw_intake),
    Made("h12345-followup", 400, h12345.draw_followup),
)
HOUSING = "housing"
HOUSEHOLDERS = 1681
HOUSING_WAVE = Wave(
    survey=HOUSING,
    wave="1976",
    instrument_version=1,
    opens_at=datetime(1976, 1, 1, tzinfo=UTC),
    closes_at=datetime(1977, 1, 1, tzinfo=UTC),
)
"""The year in which the table was published; when people were asked is not known."""


async def prepare(settings: Settings, *, tell: Tell) -> list[str]:
    """Bring the database to where the demo starts; the lines to print once the service answers."""
    url, secret = str(settings.database_url), str(settings.secret_key)
    async with connection(url) as conn:
        await migrate(conn)
        await load(conn, Sealer(secret), datetime.now(UTC), tell=tell)
        tokens = {role: await _account(conn, secret, role) for role in ("evaluator", "administrator")}
    return [
        "surveys:             {address}/",
        *(f"{made.slug + ':':<20} {{address}}/s/{made.slug}" for made in MADE),
        "for evaluators:      {address}/evaluate",
        "for administrators:  {address}/admin",
        "API description:     {address}/schema/openapi.json",
        "All demo answers are made up, but for those of `housing` (Copenhagen, published 1976).",
        *(f"{role} token: {token}" for role, token in tokens.items()),
        "Ctrl-C stops everything.",
    ]


async def load(conn: asyncpg.Connection, sealer: Sealer, now: datetime, *, tell: Tell) -> None:
    """Publish the shipped instruments, plan the waves and fill them; what is there already stays as it is."""
    for made in MADE:
        async with conn.transaction():
            published = await publish_shipped(conn, made.slug)
            for wave in planned_waves(made.slug, published.version, now):
                if await _plan(conn, wave):
                    tell(f"{made.slug} {wave.wave}: {made.n} made-up responses")
                    await _fill(conn, sealer, published, wave, made)
    async with conn.transaction():
        await publish_shipped(conn, HOUSING)
        is_new = await _plan(conn, HOUSING_WAVE)
    if is_new or not await _is_whole(conn):
        await _load_housing(conn, sealer, tell)


def planned_waves(slug: str, version: int, now: datetime) -> tuple[Wave, Wave]:
    """A wave that is over and one that is open, now and for more than a year from the first start."""
    turn = min(datetime(2026, 7, 1, tzinfo=UTC), _midnight(now))
    before = Wave(
        survey=slug,
        wave=BEFORE,
        instrument_version=version,
        opens_at=turn - timedelta(days=181),
        closes_at=turn,
        synthetic=True,
    )
    closes_at = _midnight(now) + FIELDWORK
    return before, msgspec.structs.replace(before, wave=NOW, opens_at=turn, closes_at=closes_at)


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


async def publish_shipped(conn: asyncpg.Connection, slug: str) -> Published:
    """The shipped version of a survey; once published, whatever the file says by now."""
    definition = (INSTRUMENTS / f"{slug}.json").read_text(encoding="utf-8")
    version = msgspec.json.decode(definition, type=Instrument).version
    try:
        return await surveys.fetch_published(conn, slug, version)
    except NotFound:
        return await surveys.publish(conn, definition)


async def _plan(conn: asyncpg.Connection, wave: Wave) -> bool:
    """Plan a wave; false when there is one of that name."""
    if any(known.wave == wave.wave for known in await surveys.list_waves(conn, wave.survey)):
        return False
    await surveys.insert_wave(conn, wave)
    return True


async def _fill(conn: asyncpg.Connection, sealer: Sealer, published: Published, wave: Wave, made: Made) -> None:
    loaded = Loaded(published)
    arrived = list(arrivals(published.instrument, wave.wave, made.n, made.draw))
    kept = [response_from(arrival, reading, wave, loaded, sealer) for arrival, reading in arrived]
    contacts = [one for arrival, reading in arrived for one in contacts_from(arrival, reading, loaded, sealer)]
    await responses.insert_many(conn, kept)
    await insert_contacts(conn, contacts)
    await add_stopped(conn, stopped(published.instrument, wave, [arrival for arrival, _ in arrived]))


async def _is_whole(conn: asyncpg.Connection) -> bool:
    """Whether the last import ran to its end."""
    return len((await Matrices().read(conn, Layout(HOUSING, HOUSING_WAVE.wave))).codes) >= HOUSEHOLDERS


async def _load_housing(conn: asyncpg.Connection, sealer: Sealer, tell: Tell) -> None:
    """The one real data set, by the code of `survey import responses`."""
    job = Job(HOUSING, HOUSING_WAVE.wave, DATA / "housing.csv", DATA / "housing-map.json")
    tell(f"{HOUSING} {HOUSING_WAVE.wave}: {(await import_table(conn, sealer, job)).summary()}")


async def _account(conn: asyncpg.Connection, secret_key: str, role: str) -> str:
    """The token of a demo account, the same at every start as long as the secret key is."""
    name = f"demo-{role}"
    digest = hmac.digest(secret_key.encode(), f"account {name}".encode(), hashlib.sha256)
    token = urlsafe_b64encode(digest).decode().rstrip("=")
    if await accounts.find_account(conn, token) is None:
        try:
            await accounts.insert_account(conn, name, role, token)
        except Conflict:  # made with an earlier secret key, whose token nobody has any more
            await accounts.insert_account(conn, f"{name}-{token[:6]}", role, token)
    return token
