"""The words of the service itself: English in the code, other languages in `survey/locale/*.<locale>.po`.

Catalogues are read when the program starts; there is nothing to compile. Traditional Chinese is made of the Simplified
by OpenCC, phrase by phrase; a reviewed translation in a `zh_Hant.po` goes before it. Which language somebody reads is
decided here too: what they ask for now, what they chose before, what their browser asks for, and Simplified Chinese
last.
"""

from collections.abc import Callable, Collection
from functools import cache
from gettext import c2py
from pathlib import Path
from typing import Any

from babel.core import Locale, UnknownLocaleError, negotiate_locale
from babel.messages.pofile import read_po
from litestar import Request
from opencc import OpenCC

from survey.errors import SurveyError, filled

LOCALE_FOLDER = Path(__file__).parent.parent / "locale"
LOCALES = ("zh-Hans", "zh-Hant", "en")
DEFAULT, TRADITIONAL, ENGLISH = LOCALES
NAMES = {"zh-Hans": "简体中文", "zh-Hant": "繁體中文", "en": "English"}
"""What each language of the service calls itself."""
LANGUAGE_COOKIE = "survey_language"


def mark(message: str) -> str:
    """The message itself; says to the extractor that it is to be translated where it is shown."""
    return message


def name_of(locale: str) -> str:
    """What a language calls itself, also one that only an instrument speaks.

    >>> name_of("zh-Hant"), name_of("ug"), name_of("x-elvish")
    ('繁體中文', 'ئۇيغۇرچە', 'x-elvish')
    """
    known = _babel(locale)
    return NAMES.get(locale) or (known.get_display_name() if known else None) or locale


def direction_of(locale: str) -> str:
    """Which way a language is written, as HTML says it.

    >>> direction_of("zh-Hans"), direction_of("ar"), direction_of("ug")
    ('ltr', 'rtl', 'rtl')
    """
    known = _babel(locale)
    return known.text_direction if known else "ltr"


@cache
def _babel(locale: str) -> Locale | None:
    try:
        return Locale.parse(locale, sep="-")
    except (UnknownLocaleError, ValueError):
        return None


@cache
def traditional(text: str) -> str:
    """Simplified Chinese as Traditional, with the words that are used there.

    >>> traditional("网络超时，请您再发一次短信")
    '網路超時，請您再發一次簡訊'
    """
    return str(_converter().convert(text))


@cache
def _converter() -> OpenCC:
    return OpenCC("s2twp")


@cache
def catalogue(locale: str) -> dict[str, str | tuple[str, ...]]:
    """Every translated message of a locale, by its English; a message with plural forms by its singular."""
    messages: dict[str, str | tuple[str, ...]] = {}
    if locale == TRADITIONAL:
        for key, said in catalogue(DEFAULT).items():
            messages[key] = traditional(said) if isinstance(said, str) else tuple(map(traditional, said))
    for path in sorted(LOCALE_FOLDER.glob(f"*.{locale.replace('-', '_')}.po")):
        with path.open(encoding="utf-8") as file:
            for message in read_po(file):
                key = message.id if isinstance(message.id, str) else message.id[0]
                if key:
                    text = message.string
                    messages[key] = text if isinstance(text, str) else tuple(text or ())
    return messages


@cache
def _plural_of(locale: str) -> Callable[[int], int]:
    """Which of a message's forms a number takes, as the locale's catalogue says; English has two, Chinese one."""
    for path in sorted(LOCALE_FOLDER.glob(f"*.{locale.replace('-', '_')}.po")):
        with path.open(encoding="utf-8") as file:
            return c2py(read_po(file).plural_expr)
    return lambda n: int(n != 1) if locale == "en" else 0


def gettext(locale: str, message: str, **values: Any) -> str:
    """The message in a locale, with its placeholders filled in.

    >>> gettext("en", "Choose up to %(maximum)s", maximum=3)
    'Choose up to 3'
    """
    text = catalogue(locale).get(message) or message
    text = text if isinstance(text, str) else text[0]
    return text % values if values else text


def said(locale: str, error: SurveyError) -> str:
    """What an error says, in a locale; a sentence without a translation stays English.

    >>> from survey.errors import NotFound
    >>> said("zh-Hans", NotFound("There is no survey '%(survey)s'", survey="gov-sat"))
    '没有名为“gov-sat”的调查'
    """
    between = "" if locale in (DEFAULT, TRADITIONAL) else " "
    return between.join(filled(gettext(locale, sentence), error.values) for sentence in error.sentences)


def ngettext(locale: str, singular: str, plural: str, n: int) -> str:
    """The message for `n` of something, in the form that the locale's plural rule names."""
    forms = catalogue(locale).get(singular) or (singular if n == 1 else plural)
    return forms if isinstance(forms, str) else forms[min(_plural_of(locale)(n), len(forms) - 1)]


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
    >>> accepted("zh-TW, en;q=0.8"), accepted("zh-TW, en;q=0.8", ("en", "zh-Hans"))
    ('zh-Hant', 'zh-Hans')
    """
    weighed = []
    for position, part in enumerate(header.split(",")):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weighed.append((-float(quality or 1), position, tag.strip()))
        except ValueError:
            continue
    preferred = [locale for _, _, tag in sorted(weighed) if tag for locale in _in_full(tag)]
    return negotiate_locale(preferred, list(available), sep="-") or (
        DEFAULT if DEFAULT in available else next(iter(available))
    )


def _in_full(tag: str) -> tuple[str, ...]:
    """What to look for. Chinese without a script is the simplified; who reads the one script reads the other too."""
    language = tag.lower()
    if language.startswith("zh"):
        is_traditional = any(part in language for part in ("hant", "tw", "hk", "mo"))
        return (TRADITIONAL, DEFAULT) if is_traditional else (DEFAULT, TRADITIONAL)
    return (language.partition("-")[0],)
