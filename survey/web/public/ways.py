"""Where a visit goes on."""

from litestar.response import Redirect

from survey.forms.screens import Screen
from survey.web.public.flow import where_left
from survey.web.public.visits import Visit


def to_screen(visit: Visit, page: Screen | None, query: str = "") -> Redirect:
    """The way to a page; without one, to check-answers."""
    return Redirect(f"/s/{visit.draft.survey}/{page.id if page else 'check'}{query}", status_code=303)


def to_where_left(visit: Visit) -> Redirect:
    """The way to the first page that the person has not seen: the optional one, once the rest is submitted."""
    sheet = visit.sheet
    submitted = visit.draft.submitted_at is not None and sheet.optional
    return to_screen(visit, sheet.optional[0] if submitted else where_left(sheet))
