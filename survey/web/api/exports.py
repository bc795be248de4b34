"""Responses out: a wave as a file, and what its columns mean."""

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator, Awaitable
from pathlib import PurePosixPath
from typing import Any, BinaryIO, TypeVar

import structlog
from asyncpg import Connection
from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.exceptions import ClientException
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath
from litestar.response import Stream

from survey.exports.codebook import codebook
from survey.exports.formats import FORMATS
from survey.web.auth import requires
from survey.web.exports import csv_stream, plan_of, saved

T = TypeVar("T")
log = structlog.get_logger()

GUARDS = [requires("evaluator", "administrator")]
WAVE = "/api/v1/surveys/{slug:str}/waves/{wave:str}"
PIECE = 1 << 18

ROWS = (
    "One row a response that was not withdrawn: about it first, then a column an item, for a multiple choice a column "
    "an option. Contact data is never exported. "
)


@get(
    f"{WAVE}/responses.csv",
    guards=GUARDS,
    tags=["exports"],
    summary="The responses of a wave as CSV",
    description=ROWS + "UTF-8 with a mark; texts that a spreadsheet would take for a formula begin with an apostrophe.",
)
async def stream_csv(request: Request[Any, Any, State], slug: FromPath[str], wave: FromPath[str]) -> Stream:
    """The responses as CSV, sent while they are read."""
    pieces = csv_stream(request.app.state.pool, slug, wave)
    heading = await while_asked(request, anext(pieces))  # what can be refused is refused before anything is sent
    _note(request, slug, wave, ".csv")

    async def whole() -> AsyncGenerator[bytes]:
        async with contextlib.aclosing(pieces):
            yield heading
            async for piece in pieces:
                yield piece

    return Stream(whole(), media_type=FORMATS[".csv"].media_type, headers=_named(f"{slug}-{wave}.csv"))


@get(
    [f"{WAVE}/responses{ending}" for ending in FORMATS if ending != ".csv"],
    guards=GUARDS,
    tags=["exports"],
    summary="The responses of a wave as a sheet, a Parquet or an SPSS file",
    description=ROWS + "A sheet holds 1,048,575 responses; larger waves are refused as .xlsx.",
)
async def send_file(
    request: Request[Any, Any, State], slug: FromPath[str], wave: FromPath[str], conn: NamedDependency[Connection]
) -> Stream:
    """The responses as a file that has its parts at both ends, so that it is written before it is sent."""
    ending = PurePosixPath(request.url.path).suffix
    file = await while_asked(request, saved(conn, slug, wave, ending))
    _note(request, slug, wave, ending)
    size = {"Content-Length": str(os.fstat(file.fileno()).st_size)}
    return Stream(_pieces(file), media_type=FORMATS[ending].media_type, headers=_named(f"{slug}-{wave}{ending}") | size)


@get(
    f"{WAVE}/codebook.xml",
    guards=GUARDS,
    tags=["exports"],
    summary="What the columns and codes mean",
    description="DDI-Codebook 2.5 of the CSV, XLSX and Parquet files; an SPSS file has its labels in itself.",
)
async def show_codebook(slug: FromPath[str], wave: FromPath[str], conn: NamedDependency[Connection]) -> Response[bytes]:
    """What the columns and codes mean."""
    plan = await plan_of(conn, slug, wave, ".csv")
    name = f"{slug}-{wave}.csv"
    return Response(codebook(plan, name), media_type="application/xml", headers=_named(f"{name}.ddi.xml"))


async def while_asked(request: Request[Any, Any, State], work: Awaitable[T]) -> T:
    """What the work comes to; it is stopped as soon as nobody waits for it any more."""
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientException("Who asked has left")
        return working.result()
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.wait({working, leaving})


async def _left(request: Request[Any, Any, State]) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _note(request: Request[Any, Any, State], slug: str, wave: str, ending: str) -> None:
    """Who took what out of the house."""
    log.info(
        "responses_exported",
        account=request.state.account.name,
        survey=slug,
        wave=wave,
        format=ending.removeprefix("."),
        request=getattr(request.state, "request_id", ""),
    )


def _named(name: str) -> dict[str, str]:
    """What a browser calls the file, and that it comes whole or not at all; slugs and waves are ASCII by the schema."""
    return {"Content-Disposition": f'attachment; filename="{name}"', "Accept-Ranges": "none"}


async def _pieces(file: BinaryIO) -> AsyncGenerator[bytes]:
    with file:
        while piece := await asyncio.to_thread(file.read, PIECE):
            yield piece


HANDLERS: list[BaseRouteHandler] = [stream_csv, send_file, show_codebook]
