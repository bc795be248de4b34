"""A poster for a window, a hall or a matter: what is asked, a code to point a phone at, and what to do without one."""

from typing import ClassVar

import msgspec

from survey.forms.instrument import Instrument
from survey.forms.wording import Reader
from survey.web.i18n import gettext, mark, ngettext
from survey.web.paper.typesetting import qr_svg, typeset


class Poster(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on the poster."""

    template: ClassVar[str] = "poster"
    title: str
    locale: str
    place: str
    lead: str
    scan: str
    minutes: str
    voluntary: str
    otherwise: str
    phone: str
    qr: str
    address: str


def poster(instrument: Instrument, locale: str, address: str, place: str = "") -> bytes:
    """The poster as a PDF (A4) in a language."""
    reader, notice = Reader(locale, "simple"), instrument.notice
    minutes = ngettext(locale, "About %(num)s minute", "About %(num)s minutes", notice.minutes)
    data = Poster(
        title=reader.say(instrument.title),
        locale=locale,
        place=place,
        lead=reader.say(notice.who),
        scan=gettext(locale, mark("Point your phone's camera here")),
        minutes=minutes % {"num": notice.minutes},
        voluntary=reader.say(notice.why),
        otherwise=gettext(locale, mark("No phone? Ask at the counter for a paper form, or call")),
        phone=notice.phone,
        qr=qr_svg(address),
        address=address,
    )
    return typeset(Poster.template, data)
