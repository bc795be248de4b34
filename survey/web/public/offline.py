"""Going on without a connection: the rest of a form as one page that a device keeps, and what it sends later.

The page has no answers in it. The script fills in what the device has kept, shows one screen after the other, and
sends everything under the same response id as often as it takes: what arrives twice is kept once.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response, Template

from survey.errors import NotFound
from survey.forms.items import Rating
from survey.forms.items.rating import STRONG
from survey.forms.screens import Part, Screen
from survey.forms.variants import apply
from survey.web.drafting import Filled
from survey.web.public.cookies import Asking, as_uuid, draft_cookie
from survey.web.public.device import may_keep, route
from survey.web.public.flow import Sheet, confirmed
from survey.web.public.helping import unhelped
from survey.web.public.progress import come_as_left
from survey.web.public.turns import in_turn
from survey.web.public.views import Field, fields_of
from survey.web.public.visits import (
    BODY_LIMIT,
    Answered,
    Visit,
    arrive,
    change_kept,
    finish,
    open_visit,
    posted_fields,
    stopped,
)
from survey.web.public.ways import to_screen, to_where_left
from survey.web.rendering import environment, static_url

SHELL = ("survey.css", "device.js", "offline.js", "aloud.js", "favicon.svg")
"""What pages need that are shown without a connection."""


class Sketch(msgspec.Struct, frozen=True, kw_only=True):
    """One question as it would stand on a page: `shows` is the field and value that lead to it, where one must;
    `code` what yes means, where it is the second question of an unfolded scale."""

    field: Field
    item: str
    shows: str = ""
    code: int | None = None


class Leaf(msgspec.Struct, frozen=True, kw_only=True):
    """One screen of the form with everything that anybody could be asked on it."""

    id: str
    screen: Screen
    sketches: tuple[Sketch, ...]


class _Whole(Sheet):
    """A form in which everybody is asked everything."""

    def __init__(self, visit: Visit, fields: dict[str, list[str]]) -> None:
        super().__init__(visit.loaded.instrument, visit.sheet.variant, Filled(fields=fields))
        everything = tuple(self.instrument.by_id)
        self.reading = msgspec.structs.replace(self.reading, path=everything)


def leaves(visit: Visit) -> Iterator[Leaf]:
    """Every screen of a form in its variant."""
    for screen in visit.sheet.everything:
        sketches = tuple(sketch for part in screen.parts for sketch in _sketches(visit, screen, part))
        yield Leaf(id=screen.id, screen=screen, sketches=sketches)


def _sketches(visit: Visit, screen: Screen, part: Part) -> Iterator[Sketch]:
    item, step = part.asked.item, part.step
    alone = msgspec.structs.replace(screen, parts=(part,))
    if step.part == STRONG and isinstance(item, Rating):
        for fold in item.folds:
            if fold.strong is not None:
                sketch = _sketch(visit, alone, item.id, f"{item.id}={fold.mild}", {item.id: [str(fold.mild)]})
                yield msgspec.structs.replace(sketch, code=fold.strong)
    elif step.part and item.shows(step, {}) is False:
        before = "" if step.part in {"2", "more"} else f".{int(step.part) - 1}"
        yield _sketch(visit, alone, item.id, f"{item.id}{before}=more", {})
    else:
        yield _sketch(visit, alone, item.id, "", {})


def _sketch(visit: Visit, screen: Screen, item: str, shows: str, fields: dict[str, list[str]]) -> Sketch:
    (field,) = fields_of(screen, _Whole(visit, fields), visit.reader, visit.draft.id)
    return Sketch(field=field, item=item, shows=shows)


@get("/s/{slug:str}/offline")
async def show_offline(request: Asking, slug: FromPath[str], now: NamedDependency[datetime]) -> Answered:
    """The form of this person as one page without answers, for their device to keep."""
    visit = await arrive(request, slug, now)
    if not isinstance(visit, Visit):
        return visit
    if elsewhere := unhelped(visit):
        return elsewhere
    if not may_keep(visit.sheet.variant):
        raise NotFound("Nothing may be kept on this device")
    instrument = apply(visit.loaded.instrument, visit.sheet.variant)
    context = visit.context(
        device=visit.device("offline"), leaves=list(leaves(visit)), route=route(instrument, visit.reader)
    )
    return Template("public/offline.html", context=context)


@post("/s/{slug:str}/offline", request_max_body_size=BODY_LIMIT)
async def take_in(request: Asking, slug: FromPath[str], now: NamedDependency[datetime]) -> Answered:
    """What a device kept and sends now: merged into its form and, when the person has submitted, kept as a response.

    The device's id counts, not its cookie: another form may have been begun there since.
    """
    posted = await posted_fields(request)
    draft_id = as_uuid(posted.get("response_id", [""])[0])
    if draft_id is None:
        return stopped(request, "not-begun", 409, slug)

    def change(visit: Visit) -> Visit:
        visit = come_as_left(visit.on(_taken_in(visit, posted)))
        if "submit" not in posted or _stands_in_the_way(visit.sheet) or unhelped(visit):
            return visit
        submitted = msgspec.structs.replace(visit.draft, submitted_at=visit.draft.submitted_at or now)
        return msgspec.structs.replace(visit, draft=submitted)

    visit = await change_kept(request, now, lambda: open_visit(request, slug, now, draft_id), change)
    if not isinstance(visit, Visit):
        return visit
    draft = visit.draft
    submits = "submit" in posted and draft.submitted_at is not None
    if submits and ("skip" in posted or not visit.sheet.optional):
        return await finish(request, draft, now)
    stands = "submit" in posted and not submits
    reply = to_screen(visit, None) if stands else to_where_left(visit)
    reply.cookies.append(draft_cookie(request, draft))
    return reply


def _taken_in(visit: Visit, posted: Mapping[str, Sequence[str]]) -> Sheet:
    """The form with the items that were shown on the device as the device has them; the others stay."""
    sheet = visit.sheet
    submitted = visit.draft.submitted_at is not None
    late = {id for page in sheet.everything if page.section.after_submit for id in page.item_ids}
    shown = [id for id in posted.get("shown", ()) if id in (late if submitted else sheet.instrument.by_id)]
    filled, shown = in_turn(sheet.filled, shown, posted)
    fields = {name: texts for name, texts in filled.fields.items() if name.partition(".")[0] not in shown}
    fields |= {name: list(texts) for name, texts in posted.items() if name.partition(".")[0] in shown}
    seen = tuple(sorted({*filled.seen, *shown}))
    merged = sheet.refilled(msgspec.structs.replace(filled, fields=fields, seen=seen)).on_path()
    # Nobody may be there any more to be asked whether an odd answer is right.
    return confirmed(merged, [merged.seal_of(issue) for issue in merged.reading.soft])


def _stands_in_the_way(sheet: Sheet) -> bool:
    end = sheet.reading.end
    return bool(sheet.core_issues()) and (end is None or end.keeps == "response")


@get("/offline")
async def show_no_line(request: Asking) -> Template:
    """What stands in for a page that cannot be fetched and was not kept."""
    return Template("public/no-line.html")


@get("/device.worker.js", media_type="text/javascript", sync_to_thread=False)
def worker() -> Response[str]:
    """The service worker. It lies at the top because it looks after every page."""
    shell = [static_url(name) for name in SHELL]
    source = environment().get_template("device.worker.js").render(shell=shell)
    return Response(source, media_type="text/javascript", headers={"cache-control": "no-cache"})


HANDLERS = [show_offline, take_in, show_no_line, worker]
