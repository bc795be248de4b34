"""The template environment: pages of this layer, and the template of each question type beside its module."""

import hashlib
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from litestar import Request

import survey.forms.items
from survey.evaluation.cautions import worded
from survey.forms.wording import Reader, Text
from survey.web import i18n

TEMPLATES = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"
ITEMS = Path(survey.forms.items.__file__).parent
SIZE_COOKIE = "survey_size"
KIOSK_COOKIE = "survey_kiosk"
SIZES = ("100", "125", "150")
"""Sizes of text, in percent of what the variant has."""
TIME_ZONE = ZoneInfo("Asia/Shanghai")
"""Whose clock people here read."""


@cache
def environment() -> Environment:
    """Templates with escaping on, the reader's language, and nothing undefined passing in silence."""
    env = Environment(
        loader=FileSystemLoader([TEMPLATES, ITEMS]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    env.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.globals |= {
        "is_large": is_large,
        "text_size": text_size,
        "other_sizes": other_sizes,
        "kiosk": kiosk,
        "public_address": public_address,
        "help_phone": help_phone,
        "static_url": static_url,
        "locale_of": locale_of,
        "address_in": address_in,
        "languages": i18n.NAMES,
        "name_of": i18n.name_of,
        "direction_of": i18n.direction_of,
    }
    env.filters |= {"say": say, "moment": moment, "day": day, "worded": worded}
    return env


@cache
def static_url(name: str) -> str:
    """The address of a static file, which changes with its content, so that browsers may keep it for ever."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


@pass_context
def locale_of(context: Context) -> str:
    """The locale of the page: set by its handler, otherwise as the request asks."""
    return str(context.get("locale") or i18n.negotiate(context["request"]))


@pass_context
def is_large(context: Context) -> bool:
    """Whether the page has large text: as its handler says, otherwise as the person chose on this device."""
    if "large" in context:
        return bool(context["large"])
    request = context["request"]
    is_for_staff = request.url.path.startswith(("/evaluate", "/admin", "/entry"))
    return not is_for_staff and request.cookies.get("survey_variant") == "elder"


@pass_context
def text_size(context: Context) -> str:
    """The size of text that a person chose on this device, in percent of the variant's; 100 unless they did."""
    request = context["request"]
    wanted = (request.query_params.get("size"), request.cookies.get(SIZE_COOKIE))
    return next((size for size in wanted if size in SIZES), SIZES[0])


def address_of(request: Request[Any, Any, Any], path: str) -> str:
    """The address that people outside see."""
    return (request.app.state.settings.base_url or str(request.base_url)).rstrip("/") + path


@pass_context
def public_address(context: Context, path: str) -> str:
    """The address of a page of ours, to be written down or typed elsewhere."""
    return address_of(context["request"], path)


@pass_context
def help_phone(context: Context) -> str:
    """Whom to call: as the handler says, otherwise of the survey that the page belongs to, errors included."""
    request = context["request"]
    if "phone" in context or not request.url.path.startswith("/s/"):
        return str(context.get("phone", ""))
    return str(request.app.state.fieldwork.phone(request.url.path.split("/")[2]))


def kiosk_start(request: Request[Any, Any, Any]) -> str:
    """Where a device that is a kiosk begins; nothing for any other."""
    start = request.cookies.get(KIOSK_COOKIE, "").strip('"')
    return start if start.startswith("/s/") else ""


@pass_context
def kiosk(context: Context) -> bool:
    """Whether the page is read at a kiosk: of the device, because a receipt from there may be read at home."""
    return bool(kiosk_start(context["request"]))


@pass_context
def other_sizes(context: Context) -> list[tuple[str, str]]:
    """The sizes of text beside this one, and what their buttons say."""
    at = SIZES.index(text_size(context))
    found = [(SIZES[at + 1], i18n.mark("Larger text"))] if at + 1 < len(SIZES) else []
    found += [(SIZES[at - 1], i18n.mark("Smaller text"))] if at else []
    return [(size, _gettext(context, message)) for size, message in found]


@pass_context
def address_in(context: Context, locale: str) -> str:
    """The address of this very page in another language."""
    query = [(name, value) for name, value in context["request"].query_params.multi_items() if name != "lang"]
    return f"?{urlencode([*query, ('lang', locale)])}"


@pass_context
def _gettext(context: Context, message: str) -> str:
    return i18n.gettext(locale_of(context), message)


@pass_context
def _ngettext(context: Context, singular: str, plural: str, n: int) -> str:
    return i18n.ngettext(locale_of(context), singular, plural, n)


@pass_context
def say(context: Context, text: Text) -> str:
    """An instrument's text for the reader of this page; Traditional Chinese, where there is none, of the Simplified."""
    reader = context.get("reader") or Reader(locale_of(context))
    said = str(reader.say(text))
    return i18n.traditional(said) if reader.locale == i18n.TRADITIONAL and i18n.TRADITIONAL not in text else said


@pass_context
def moment(context: Context, value: datetime) -> str:
    """A time as people write it where they live."""
    locale, here = _babel(context), value.astimezone(TIME_ZONE)
    return f"{format_date(here, 'long', locale=locale)} {format_time(here, 'short', locale=locale)}"


@pass_context
def day(context: Context, value: date) -> str:
    """A date as people write it."""
    return format_date(value, "long", locale=_babel(context))


def _babel(context: Context) -> str:
    return locale_of(context).replace("-", "_")
