"""Every component and every question type on one page, with their states."""

from uuid import UUID

import msgspec
from litestar import get
from litestar.response import Template

from survey.forms.instrument import Instrument
from survey.forms.reading import Issue
from survey.forms.screens import screens
from survey.forms.wording import Reader
from survey.web.drafting import Filled
from survey.web.i18n import negotiate
from survey.web.public.cookies import VARIANT_COOKIE, Asking
from survey.web.public.flow import Sheet
from survey.web.public.views import fields_of
from survey.web.rendering import TEMPLATES

SHOWN_AS = UUID(int=0)


def specimen() -> Instrument:
    """A questionnaire with one item of each type, and some in another state."""
    return msgspec.json.decode((TEMPLATES / "components.json").read_bytes(), type=Instrument)


@get("/components", sync_to_thread=False)
def show_components(request: Asking) -> Template:
    """The design system, as it is used by every other page."""
    instrument = specimen()
    wanted = request.query_params.get("variant") or request.cookies.get(VARIANT_COOKIE)
    variant = next((v for v in instrument.variants if v.id == wanted), instrument.variants[0])
    sheet = Sheet(instrument, variant, Filled(fields={"multiple_wrong": ["1", "2", "96"]}))
    issues = [issue for issue in sheet.reading.issues if issue.item.endswith("_wrong")]
    odd = [Issue(item="number_odd", code="check", soft=True)]
    reader = Reader(negotiate(request), variant.register)
    context = {
        "locale": reader.locale,
        "variant": variant,
        "large": variant.large,
        "instrument": instrument,
        "phone": instrument.notice.phone,
        "reader": reader,
    }
    pages = screens(sheet.instrument, instrument.variants[0])
    shown = [fields_of(page, sheet, reader, SHOWN_AS, issues=issues, odd=odd) for page in pages]
    return Template(
        "components.html", context={**context, "questions": [question for page in shown for question in page]}
    )


HANDLERS = [show_components]
