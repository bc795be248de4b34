"""Proof of the simple register: what a person who reads with effort, or only listens, can take in.

What is counted (sentences, their length, the options of a page) is a flaw. What is found by lists of words and patterns
is advice: a list does not know that a word is somebody's name, and no list is complete.
"""

import re
from collections.abc import Callable, Iterator

from survey.forms.flaws import Flaw
from survey.forms.instrument import Instrument
from survey.forms.items import Select
from survey.forms.proofing_text import texts
from survey.forms.screens import screens
from survey.forms.wording import Reader

LONGEST = 20
"""Chinese characters in a sentence; figures and Latin letters are read in one breath and not counted."""
SENTENCES = 3
OPTIONS = 6
HAN = re.compile(r"[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
END_OF_SENTENCE = re.compile(r"[。！？；!?;\n]+")

PLAIN = {
    "事项": "事",
    "办件": "您办的事",
    "办结": "办完",
    "受理": "收下",
    "承办": "办事",
    "经办": "办事",
    "帮办代办": "有人带着办",
    "时限": "几天内",
    "渠道": "办法",
    "诉求": "您说的事",
    "证照": "证件",
    "予以": "给",
    "告知": "告诉",
    "知悉": "知道",
    "核验": "查一查",
    "填报": "填",
    "申报": "交材料",
    "须知": "要知道的事",
    "酌情": "看情况",
    "上述": "上面的",
    "相关部门": "管事的人",
    "一网通办": "在网上办",
    "一站式": "在一个地方",
    "多头跑": "跑几个地方",
}
"""Office words, and what can be said instead."""
ABBREVIATION = re.compile(r"(?<![A-Za-z])[A-Z]{2,}s?(?![A-Za-z])|(?<![A-Za-z])[Aa]pp(?![A-Za-z])")
NUMERAL = re.compile(
    r"[两二三四五六七八九十百千万]+(?:分钟|小时|[个次遍趟件项份张天日周月年岁人步题道条种位家里元层块点])"
)
DOUBLE_NEGATIVE = re.compile(
    r"(?<![是会能要想该应可得有])(?:不[是会能要想该应可得][不没]|没有?人?不)|并非不|无不|莫不|无非|未必不|未尝不|非[^，。]{0,6}不可"
)
"""“是不是不…” asks once and denies once: the negation that only asks is left alone."""


def _heard(instrument: Instrument) -> Iterator[tuple[str, str]]:
    """Every text that the simple variants show in Chinese, as they show it."""
    simple = [n for n, variant in enumerate(instrument.variants) if variant.register == "simple"]
    if not simple:
        return
    locales = [locale for locale in instrument.locales if locale.partition("-")[0] == "zh"]
    for said in texts(instrument):
        variant = re.match(r"\$\.variants\[(\d+)]", said.place)
        if said.heard and (variant is None or int(variant[1]) in simple):
            yield from ((said.place, Reader(locale, "simple", locale).say(said.text)) for locale in locales)


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in END_OF_SENTENCE.split(text) if sentence.strip()]


def long_sentences(instrument: Instrument) -> Iterator[Flaw]:
    """A sentence that is over before its beginning is forgotten."""
    for place, text in _heard(instrument):
        for sentence in _sentences(text):
            if (length := len(HAN.findall(sentence))) > LONGEST:
                message = f'"{sentence}" has {length} characters; make it {LONGEST} at most, or two sentences.'
                yield Flaw("long-sentence", place, message)


def many_sentences(instrument: Instrument) -> Iterator[Flaw]:
    """A question is asked in three sentences, or it is two questions."""
    for place, text in _heard(instrument):
        if (count := len(_sentences(text))) > SENTENCES:
            yield Flaw("many-sentences", place, f"These are {count} sentences; say it in {SENTENCES} at most.")


def many_options(instrument: Instrument) -> Iterator[Flaw]:
    """Six options at most on a page that asks one thing; a list to search may be long."""
    for n, variant in enumerate(instrument.variants):
        if variant.register == "simple" and variant.layout == "items":
            for screen in screens(instrument, variant):
                part = screen.parts[0]
                options = () if part.step.part else getattr(part.asked.item, "options", ())
                count = len(part.step.codes or options) + part.step.more
                if count > OPTIONS and not isinstance(part.asked.item, Select):
                    message = f'The page "{screen.id}" offers {count} options; set max_options to {OPTIONS} or less.'
                    yield Flaw("many-options", f"$.variants[{n}]", message)


def office_words(instrument: Instrument) -> Iterator[Flaw]:
    """Words that only offices use."""
    for place, text in _heard(instrument):
        for word, plain in PLAIN.items():
            if word in text:
                yield Flaw("office-word", place, f"“{word}” is an office word; say “{plain}” or the like.")


def abbreviations(instrument: Instrument) -> Iterator[Flaw]:
    """Letters that stand for words."""
    for place, text in _heard(instrument):
        for found in ABBREVIATION.finditer(text):
            yield Flaw("abbreviation", place, f'"{found[0]}" is an abbreviation; say what it stands for.')


def spelt_numbers(instrument: Instrument) -> Iterator[Flaw]:
    """Figures are found at a glance, and are the same in a document, on a key and here."""
    for place, text in _heard(instrument):
        for found in NUMERAL.finditer(text):
            yield Flaw("spelt-number", place, f"“{found[0]}” is a number in words; write it in figures.")


def double_negatives(instrument: Instrument) -> Iterator[Flaw]:
    """Two negations, which have to be worked out."""
    for place, text in _heard(instrument):
        for found in DOUBLE_NEGATIVE.finditer(text):
            yield Flaw("double-negative", place, f"“{found[0]}” denies twice; say what is so.")


COUNTED: tuple[Callable[[Instrument], Iterator[Flaw]], ...] = (long_sentences, many_sentences, many_options)
ADVICE: tuple[Callable[[Instrument], Iterator[Flaw]], ...] = (
    office_words,
    abbreviations,
    spelt_numbers,
    double_negatives,
)


def advice(instrument: Instrument) -> tuple[Flaw, ...]:
    """What its designer should look at again; an instrument can be published with it."""
    return tuple(flaw for rule in ADVICE for flaw in rule(instrument))
