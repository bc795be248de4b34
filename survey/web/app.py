"""The composition root: the one function that knows every part."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import structlog
from litestar import Litestar
from litestar.config.compression import CompressionConfig
from litestar.di import Provide
from litestar.middleware import DefineMiddleware
from litestar.middleware.compression import CompressionMiddleware
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig

from survey.db.drafts import find_many, update_many
from survey.db.inbox import Inbox
from survey.db.pool import FairPool, open_pool
from survey.errors import CannotStart, SurveyError
from survey.settings import Settings
from survey.web import admin, entry, evaluator, problems, public
from survey.web.api import batches, exports, openapi, responses, results, surveys
from survey.web.dependencies import provide_conn, provide_figures, provide_now
from survey.web.drafting import finish_left_drafts
from survey.web.entry.keeping import forget_typed
from survey.web.fieldwork import Fieldwork
from survey.web.limits import ClientLimit
from survey.web.logs import canonical_line
from survey.web.methods import answer_options
from survey.web.public.resuming import TRIES_PER_MINUTE
from survey.web.rendering import environment
from survey.web.results import Figures
from survey.web.sealing import Sealer
from survey.web.submission import Keeper, inserting

HOUSEKEEPING_SECONDS = 60
COMPRESSED = DefineMiddleware(
    CompressionMiddleware,
    config=CompressionConfig(
        backend="gzip", gzip_compress_level=6, minimum_size=500, exclude=[r"/responses\.\w+$", "^/recordings/"]
    ),
)
"""For everything but exports and recordings, which are compressed already, and single submissions, which go past it."""

log = structlog.get_logger()


def create_app(settings: Settings, *, clock: Callable[[], datetime] = provide_now) -> Litestar:
    """The application for these settings, which must name a database and a secret key."""
    if settings.database_url is None or settings.secret_key is None:
        raise CannotStart("Set SURVEY_DATABASE_URL and SURVEY_SECRET_KEY, or start with `survey serve`")
    app = Litestar(
        [
            *public.HANDLERS,
            *evaluator.HANDLERS,
            *admin.HANDLERS,
            *entry.HANDLERS,
            surveys.list_surveys,
            surveys.describe_survey,
            surveys.health,
            batches.submit_batch,
            *results.HANDLERS,
            *exports.HANDLERS,
        ],
        dependencies={
            "conn": Provide(provide_conn),
            "figures": Provide(provide_figures, sync_to_thread=False),
            "now": Provide(clock, sync_to_thread=False),
        },
        lifespan=[_parts(settings, settings.database_url, settings.secret_key)],
        exception_handlers={**problems.HANDLERS, Exception: problems.respond_to_bug},
        before_request=answer_options,
        middleware=[COMPRESSED],
        template_config=TemplateConfig(instance=JinjaTemplateEngine.from_environment(environment())),
        openapi_config=OpenAPIConfig(
            title="Survey service", version="1", path="/schema", render_plugins=[JsonRenderPlugin()]
        ),
    )
    openapi.describe(app)
    app.asgi_handler = canonical_line(responses.ahead_of(app.asgi_handler))
    return app


def _parts(settings: Settings, database_url: str, secret_key: str):  # type: ignore[no-untyped-def]
    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        sealer = Sealer(secret_key)
        async with (
            open_pool(database_url) as pool,
            # Apart, so that pages which hold a connection each never wait for one that they keep from each other.
            open_pool(database_url, max_size=4, command_timeout=15) as shared,
            Inbox(shared, inserting(sealer)) as inbox,
            Inbox(shared, update_many) as draft_inbox,
            Inbox(shared, find_many) as draft_lookup,
        ):
            state = app.state
            state.settings = settings
            state.pool = FairPool(pool)
            state.sealer = sealer
            state.fieldwork = Fieldwork(shared)
            state.figures = Figures()
            state.draft_inbox = draft_inbox
            state.draft_lookup = draft_lookup
            state.keeper = Keeper(state.pool, inbox, sealer)
            state.resume_limit = ClientLimit(per_minute=TRIES_PER_MINUTE)
            state.limit = ClientLimit(per_minute=settings.rate_limit)
            housekeeping = asyncio.create_task(_keep_house(app))
            yield
            housekeeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await housekeeping

    return lifespan


async def _keep_house(app: Litestar) -> None:
    """Keep what was submitted and left on its last page; forget what has expired."""
    while True:
        try:
            await finish_left_drafts(app.state, datetime.now(UTC))
            await forget_typed(app.state, datetime.now(UTC))
        except (SurveyError, *problems.AWAY) as error:
            log.warning("housekeeping_put_off", why=type(error).__name__)
        await asyncio.sleep(HOUSEKEEPING_SECONDS)
