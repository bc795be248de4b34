"""The words of the service itself: English in the code, other languages in `survey/locale/*.<locale>.po`.

Catalogues are read when the program starts; there is nothing to compile. Which language somebody reads is decided
here too: what they ask for now, what they chose before, what their browser asks for, and Simplified Chinese last.
"""

from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Any

from babel.core import negotiate_locale
from babel.messages.pofile import read_po
from litestar import Request

LOCALE_FOLDER = Path(__file__).parent.parent / "locale"
LOCALES = ("zh-Hans", "en")
DEFAULT = LOCALES[0]
NAMES = {"zh-Hans": "简体中文", "en": "English"}
"""What each language calls itself."""
LANGUAGE_COOKIE = "survey_language"


def mark(message: str) -> str:
    """The message itself; says to the extractor that it is to be translated where it is shown."""
    return message


@cache
def catalogue(locale: str) -> dict[str, str | tuple[str, ...]]:
    """Every translated message of a locale, by its English; a message with plural forms by its singular."""
    messages: dict[str, str | tuple[str, ...]] = {}
    for path in sorted(LOCALE_FOLDER.glob(f"*.{locale.replace('-', '_')}.po")):
        with path.open(encoding="utf-8") as file:
            for message in read_po(file):
                key = message.id if isinstance(message.id, str) else message.id[0]
                if key:
                    text = message.string
                    messages[key] = text if isinstance(text, str) else tuple(text or ())
    return messages


def gettext(locale: str, message: str, **values: Any) -> str:
    """The message in a locale, with its placeholders filled in.

    >>> gettext("en", "Choose up to %(maximum)s", maximum=3)
    'Choose up to 3'
    """
    text = catalogue(locale).get(message) or message
    text = text if isinstance(text, str) else text[0]
    return text % values if values else text


def ngettext(locale: str, singular: str, plural: str, n: int) -> str:
    """The message for `n` of something; English has two forms, Chinese one."""
    forms = catalogue(locale).get(singular) or (singular if n == 1 else plural)
    return forms if isinstance(forms, str) else forms[0]


def negotiate(request: Request[Any, Any, Any], available: Collection[str] = LOCALES) -> str:
    """The locale for a request: asked for by address, chosen before, or preferred by the browser."""
    for wanted in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if wanted in available:
            return str(wanted)
    return accepted(request.headers.get("accept-language", ""), available)


def accepted(header: str, available: Collection[str] = LOCALES) -> str:
    """The best of the available locales for an Accept-Language header.

    >>> accepted("fr, en-GB;q=0.8, zh-CN;q=0.9"), accepted("en-US,en;q=0.9"), accepted("fr")
    ('zh-Hans', 'en', 'zh-Hans')
    """
    weighed = []
    for position, part in enumerate(header.split(",")):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weighed.append((-float(quality or 1), position, tag.strip()))
        except ValueError:
            continue
    preferred = [_in_full(tag) for _, _, tag in sorted(weighed) if tag]
    return negotiate_locale(preferred, list(available), sep="-") or (
        DEFAULT if DEFAULT in available else next(iter(available))
    )


def _in_full(tag: str) -> str:
    """Chinese without a script means the simplified one; a region matters for nothing else."""
    language = tag.lower()
    if language.startswith("zh"):
        return "zh-Hant" if any(part in language for part in ("hant", "tw", "hk", "mo")) else "zh-Hans"
    return language.partition("-")[0]
