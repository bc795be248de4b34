"""Which surveys there are, and which waves collect: a snapshot that is at most a second old.

A published version never changes, so its instrument and code book are decoded once for ever.
"""

import asyncio
import time
from datetime import datetime

import asyncpg
import msgspec

from survey.db import surveys
from survey.errors import Closed, NotFound
from survey.evaluation.coding import CodeBook
from survey.evaluation.plain import PlainCoding
from survey.forms.instrument import Instrument
from survey.responses import Wave, is_open
from survey.web.scripts import in_both_scripts

FRESH_SECONDS = 1.0


class Loaded:
    """A published instrument version, ready for use: to the letter as `published`, and as people can read it."""

    def __init__(self, published: surveys.Published) -> None:
        self.published: Instrument = published.instrument
        self.instrument: Instrument = in_both_scripts(published.instrument)
        self.version = published.version
        self.sha256 = published.sha256.hex()
        self.book = CodeBook(published.instrument)
        self.plain = PlainCoding(self.book)


class Survey(msgspec.Struct, frozen=True):
    """A survey, its newest version, and its waves, newest first."""

    slug: str
    latest: Loaded
    waves: tuple[Wave, ...]

    def open_wave(self, now: datetime) -> Wave | None:
        """The wave that collects; the newest, when several do."""
        return next((wave for wave in self.waves if is_open(wave, now)), None)

    def find(self, name: str) -> Wave | None:
        """The wave of that name."""
        for wave in self.waves:
            if wave.wave == name:
                return wave
        return None

    def wave(self, name: str) -> Wave:
        """The wave of that name; raises NotFound."""
        found = self.find(name)
        if found is not None:
            return found
        known = ", ".join(wave.wave for wave in self.waves)
        if not known:
            raise NotFound("%(survey)s has no wave yet", survey=self.slug)
        raise NotFound("%(survey)s has no wave '%(wave)s'; it has %(waves)s", survey=self.slug, wave=name, waves=known)


class Fieldwork:
    """All surveys and waves, as the database had them not long ago."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._surveys: dict[str, Survey] = {}
        self._versions: dict[tuple[str, int], Loaded] = {}
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    async def list(self) -> list[Survey]:
        """All surveys."""
        await self._refresh()
        return list(self._surveys.values())

    async def survey(self, slug: str) -> Survey:
        """One survey; raises NotFound."""
        if not self._is_fresh():
            await self._refresh()
        if slug not in self._surveys:
            await self._refresh(at_once=True)
        if slug not in self._surveys:
            raise NotFound("There is no survey '%(survey)s'", survey=slug)
        return self._surveys[slug]

    def phone(self, slug: str) -> str:
        """Whom to call about a survey, as it was known last, also while the database is away; nobody, if none is."""
        survey = self._surveys.get(slug)
        return "" if survey is None else survey.latest.instrument.notice.phone

    async def version(self, slug: str, version: int) -> Loaded:
        """One version of a survey's instrument."""
        loaded = self._versions.get((slug, version))
        if loaded is None:
            async with self._pool.acquire() as conn:
                loaded = Loaded(await surveys.fetch_published(conn, slug, version))
            self._versions[slug, version] = loaded
        return loaded

    async def collecting(self, slug: str, wave: str | None, now: datetime) -> tuple[Wave, Loaded]:
        """The wave that takes answers now, and its instrument; raises NotFound or Closed."""
        survey = self._surveys.get(slug) if self._is_fresh() else None  # what `survey` does first
        if survey is None:
            survey = await self.survey(slug)
        found = survey.open_wave(now) if wave is None else survey.find(wave)
        if found is None and wave is not None:
            await self._refresh(at_once=True)
            found = (await self.survey(slug)).wave(wave)
        if found is None or not is_open(found, now):
            raise Closed("%(survey)s takes no answers now", survey=slug)
        version = found.instrument_version
        loaded = self._versions.get((slug, version)) or await self.version(slug, version)
        valid_until = loaded.instrument.header.valid_until
        if valid_until is not None and now.date() > valid_until:
            raise Closed("%(survey)s was valid until %(valid_until)s", survey=slug, valid_until=valid_until)
        return found, loaded

    async def collects(self, slug: str, wave: str, now: datetime) -> bool:
        """Whether a wave takes answers now; raises NotFound."""
        try:
            await self.collecting(slug, wave, now)
        except Closed:
            return False
        return True

    def _is_fresh(self) -> bool:
        return time.monotonic() - self._read_at < FRESH_SECONDS

    async def _refresh(self, *, at_once: bool = False) -> None:
        async with self._reading:
            if not at_once and self._is_fresh():
                return
            async with self._pool.acquire() as conn:
                waves = await surveys.list_waves(conn)
                latest = {
                    slug: await surveys.fetch_latest_version(conn, slug) for slug in await surveys.list_surveys(conn)
                }
            self._surveys = {
                slug: Survey(slug, await self.version(slug, version), tuple(w for w in waves if w.survey == slug))
                for slug, version in latest.items()
            }
            self._read_at = time.monotonic()
