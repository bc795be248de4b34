"""The first page: the surveys that take answers now."""

from datetime import datetime

from litestar import get
from litestar.di import NamedDependency
from litestar.response import Template

from survey.errors import Closed
from survey.web.public.cookies import Asking


@get("/")
async def show_home(request: Asking, now: NamedDependency[datetime]) -> Template:
    """Every open survey."""
    fieldwork = request.app.state.fieldwork
    collecting = []
    for survey in await fieldwork.list():
        try:
            collecting.append(await fieldwork.collecting(survey.slug, None, now))
        except Closed:
            continue
    context = {"surveys": collecting, "synthetic": any(wave.synthetic for wave, _ in collecting)}
    return Template("public/home.html", context=context)


HANDLERS = [show_home]
