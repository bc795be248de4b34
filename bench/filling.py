"""How long a form takes over a weak line in a real browser, beside what the line must cost, and without it."""

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
from playwright.async_api import Browser, Error, Page, Request, async_playwright

from bench.browser import FLAGS, PHONE, found_browser
from bench.line import LOSSES, Line, weak
from bench.serving import KEEPING, SURVEY, prepare, serving
from bench.submitting import HAPPY
from survey.db.embedded import EmbeddedPostgres

LATENCY, KILOBITS, DROPPED = 0.4, 400, 0.05
"""Seconds for there and back, a thousand bits a second, the share of requests of which something is lost."""
ROUNDS = 3
VARIANTS = ("standard", "elder")
PAGES = 40
BESIDE = "favicon"
ANSWER = """wanted => {
  for (const question of document.querySelectorAll('main .question')) {
    const options = [...question.querySelectorAll('.option input')];
    const given = options.find((one) => Number(one.value) === wanted[one.name]) ?? options[0];
    if (given && !options.some((one) => one.checked)) given.checked = true;
  }
}"""


class Reached(NamedTuple):
    """A point of a walk: seconds since the link was followed; bytes that came down until then, requests made, and those
    of them that a page is not shown without."""

    seconds: float
    bytes: int
    requests: int
    awaited: int


class Walk(NamedTuple):
    """One person from the link to the first question and to the receipt; how many requests lost something."""

    question: Reached
    receipt: Reached
    dropped: int


class Way(NamedTuple):
    """The walks of a variant with or without JavaScript: over the weak line, and without one."""

    variant: str
    scripts: bool
    weak: list[Walk]
    plain: list[Walk]

    @property
    def name(self) -> str:
        return f"{self.variant}, {'with' if self.scripts else 'no'} JavaScript"


class Filling(NamedTuple):
    """All ways; how many receipts were shown, and how many responses are kept."""

    ways: tuple[Way, ...]
    receipts: int
    kept: int


def measure() -> Filling | None:
    """All walks; None where there is no browser."""
    path = found_browser()
    if path is None:
        return None
    with tempfile.TemporaryDirectory(prefix="survey-bench-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)  # root's PostgreSQL runs as another account
        with EmbeddedPostgres(Path(folder)) as postgres:
            asyncio.run(prepare(postgres.url))
            with serving(postgres.url, *KEEPING) as served:
                ways = asyncio.run(_walks(path, served.port))
            kept = asyncio.run(_count(postgres.url))
    return Filling(ways, sum(len(way.weak) + len(way.plain) for way in ways), kept)


async def _count(url: str) -> int:
    conn = await asyncpg.connect(url)
    try:
        return int(await conn.fetchval("SELECT count(*) FROM response"))
    finally:
        await conn.close()


async def _walks(path: str, port: int) -> tuple[Way, ...]:
    ways = tuple(Way(variant, scripts, [], []) for variant in VARIANTS for scripts in (False, True))
    dice = {way.name: random.Random(way.name) for way in ways}  # noqa: S311 - about the same losses in every run
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        for _ in range(ROUNDS):
            for way in ways:
                async with weak(port) as line:
                    way.plain.append(await _walk(browser, line, way))
            # At once, each on a line of its own: nearly all of their time is waiting for it.
            await asyncio.gather(*(_weak_walk(browser, port, way, dice[way.name]) for way in ways))
        await browser.close()
    return ways


async def _weak_walk(browser: Browser, port: int, way: Way, dice: random.Random) -> None:
    async with weak(port, milliseconds=1000 * LATENCY, kilobits=KILOBITS) as line:
        line.fate = lambda request: dice.choice(LOSSES) if dice.random() < DROPPED else None
        way.weak.append(await _walk(browser, line, way))


async def _walk(browser: Browser, line: Line, way: Way) -> Walk:
    """Fill in the survey as somebody who answers at once, and loads a page again that did not come."""
    context = await browser.new_context(
        base_url=f"http://127.0.0.1:{line.port}", viewport=PHONE, java_script_enabled=way.scripts, locale="zh-CN"
    )
    page = await context.new_page()
    began = time.perf_counter()

    def reached() -> Reached:
        seconds, awaited = time.perf_counter() - began, [one for one in line.requests if BESIDE not in one]
        return Reached(seconds, line.down, len(line.requests), len(awaited))

    await come(page, page.goto(f"/s/{SURVEY}?variant={way.variant}&lang=zh-Hans", wait_until="domcontentloaded"))
    await _press(page)
    question = reached()
    for _ in range(PAGES):
        if await page.locator(".number").count():
            break
        await page.evaluate(ANSWER, HAPPY)
        await _press(page)
    else:
        raise SystemExit(f"no receipt over the line; last at {page.url}")
    receipt = reached()
    await context.close()
    return Walk(question, receipt, len(line.lost))


async def _press(page: Page) -> None:
    async def go() -> None:
        async with page.expect_navigation(wait_until="domcontentloaded"):
            await page.locator("main .actions button").first.click()

    await come(page, go())


async def come(page: Page, going: Awaitable[Any]) -> None:
    """Go to a page; one that did not come, or not whole, is loaded again."""
    broken = asyncio.Event()

    def look(request: Request) -> None:
        if request.is_navigation_request():
            broken.set()  # half a page never ends loading, as playwright sees it

    page.on("requestfailed", look)
    arriving, breaking = asyncio.ensure_future(going), asyncio.ensure_future(broken.wait())
    await asyncio.wait({arriving, breaking}, return_when=asyncio.FIRST_COMPLETED)
    page.remove_listener("requestfailed", look)
    breaking.cancel()
    if broken.is_set():
        arriving.cancel()
    (failed,) = await asyncio.gather(arriving, return_exceptions=True)
    if broken.is_set() or isinstance(failed, Error):
        await come(page, page.reload(wait_until="domcontentloaded"))
    elif isinstance(failed, BaseException):
        raise failed


class Point(NamedTuple):
    """What is reached on one way: medians over the weak line and without it, the slowest walk, the least seconds that
    such a line costs, and the requests that lost something."""

    name: str
    weak: Reached
    plain: Reached
    slowest: float
    least: float
    dropped: int

    @property
    def ratio(self) -> float:
        return self.weak.seconds / self.least


def points(measured: Filling) -> Iterator[Point]:
    """The first question and the receipt of each way."""
    for way in measured.ways:
        bare = next(other for other in measured.ways if other.variant == way.variant and not other.scripts)
        for name, of in (("first question", _question), ("receipt", _receipt)):
            needed = _median(map(of, bare.plain))
            yield Point(
                name=f"{name}, {way.name}",
                weak=_median(map(of, way.weak)),
                plain=_median(map(of, way.plain)),
                slowest=max(of(walk).seconds for walk in way.weak),
                # One connection, and one exchange after the other of what pages without scripts need.
                least=(1 + needed.awaited) * LATENCY + needed.bytes * 8 / 1000 / KILOBITS,
                dropped=sum(walk.dropped for walk in way.weak),
            )


def _question(walk: Walk) -> Reached:
    return walk.question


def _receipt(walk: Walk) -> Reached:
    return walk.receipt


def _median(reached: Iterable[Reached]) -> Reached:
    return Reached(*map(statistics.median, zip(*reached, strict=True)))


def rows(measured: Filling | None) -> Iterator[tuple[str, ...]]:
    """The figures for people: name, a second, ratio, p50, slowest, remarks."""
    if measured is None:
        yield "a form over a weak line", "", "", "", "", "not measured: no Chromium here; `make browser` installs one"
        return
    for one in points(measured):
        remark = (
            f"the line alone {one.least:.1f} s, no line {one.plain.seconds:.1f} s; "
            f"{one.weak.bytes / 1000:.0f} KB in {one.weak.requests:.0f} requests"
        )
        if one.name.startswith("receipt"):
            remark += f"; {one.dropped} lost in {ROUNDS} walks"
        times = (f"{1000 * one.weak.seconds:,.0f}", f"{1000 * one.slowest:,.0f}")
        yield one.name, "", f"{one.ratio:.2f}", *times, remark
    told = f"{measured.receipts} receipts shown, {measured.kept} responses kept; goal: as many"
    yield "kept / receipts shown", "", f"{measured.kept / measured.receipts:.2f}", "", "", told


def summary(measured: Filling | None) -> dict[str, Any] | None:
    """The same for programs."""
    if measured is None:
        return None
    figures = {
        one.name: {
            "weak": one.weak._asdict(),
            "plain": one.plain._asdict(),
            "slowest": one.slowest,
            "line_alone": one.least,
            "ratio": one.ratio,
            "dropped": one.dropped,
        }
        for one in points(measured)
    }
    line = {"latency": LATENCY, "kilobits": KILOBITS, "dropped": DROPPED, "walks": ROUNDS}
    return {"line": line, "figures": figures, "receipts": measured.receipts, "kept": measured.kept}
