"""Answers in words, as check-answers and receipts show them. Pure."""

from datetime import date
from typing import Any

import msgspec
from babel.dates import format_date
from babel.numbers import format_decimal

from survey.forms.items import Answer, BaseItem, ChoiceItem, Date, Missing, Number
from survey.forms.screens import Screen
from survey.forms.wording import Reader
from survey.web.public.flow import Sheet
from survey.web.public.views import wording


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One question on check-answers: what was asked, what was answered (empty: nothing), where it can be changed."""

    item: str
    question: str
    answer: str
    screen: str
    error: bool = False


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """The lines of one section."""

    title: str
    lines: tuple[Line, ...]


def in_words(item: BaseItem, answer: Answer, reader: Reader) -> str:
    """An answer as a person would say it; empty when there is none."""
    babel = reader.locale.replace("-", "_")
    match item:
        case Number() if isinstance(answer, int | float):
            unit = reader.say(item.unit)
            spacer = "" if reader.locale.startswith("zh") else " "
            return f"{format_decimal(answer, locale=babel)}{spacer}{unit}".strip()
        case ChoiceItem():
            codes: Any = item.plain(answer)
            options = [item.option(code) for code in (codes if isinstance(codes, list) else [codes])]
            labels = [reader.say(option.text) for option in options if option is not None]
            return ("、" if reader.locale.startswith("zh") else "; ").join(labels)
        case Date() if isinstance(answer, str):
            return format_date(date.fromisoformat(answer), "long", locale=babel)
    return "" if isinstance(answer, Missing) else str(answer)


def groups(sheet: Sheet, reader: Reader) -> tuple[Group, ...]:
    """Every question on the person's path before submitting, in order, with its answer."""
    wrong = {issue.item for issue in sheet.core_issues()}
    found: dict[str, list[Line]] = {}
    titles: dict[str, str] = {}
    for page in sheet.pages:
        titles[page.section.id] = reader.say(page.section.title)
        found.setdefault(page.section.id, []).extend(_lines(page, sheet, reader, wrong))
    merged = {name: _once(lines) for name, lines in found.items()}
    return tuple(Group(title=titles[name], lines=lines) for name, lines in merged.items() if lines)


def _lines(page: Screen, sheet: Sheet, reader: Reader, wrong: set[str]) -> list[Line]:
    answers: dict[str, Answer] = {**sheet.reading.answers, **sheet.reading.contacts}
    asked = [one for part in page.parts for one in part.ones if one.item.id in sheet.reading.path]
    return [
        Line(
            item=one.item.id,
            question=reader.say(wording(one, sheet)),
            answer=in_words(one.item, answers.get(one.item.id, Missing.SKIPPED), reader),
            screen=page.id,
            error=one.item.id in wrong,
        )
        for one in asked
    ]


def _once(lines: list[Line]) -> tuple[Line, ...]:
    """An item on several pages is listed once, with its first page."""
    return tuple({line.item: line for line in reversed(lines)}.values())[::-1]
