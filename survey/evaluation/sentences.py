"""What a comparison says, in plain words and both languages: direction, size, interval, p; never a bare verdict."""

from collections.abc import Sequence
from typing import Protocol

from survey.analysis.results import ConfInt, Difference, EffectSize, TestResult
from survey.evaluation.indices import IndexValue
from survey.evaluation.outcomes import UNITS, Outcome
from survey.forms.wording import Reader, Text

BEYOND_CHANCE = 0.05
SIZES: dict[str, tuple[float, float, float]] = {
    "Cliff's delta": (0.147, 0.33, 0.474),
    "Hedges' g": (0.2, 0.5, 0.8),
    "Cohen's h": (0.2, 0.5, 0.8),
    "Cramer's V": (0.1, 0.3, 0.5),
    "epsilon squared": (0.01, 0.08, 0.26),
    "omega squared": (0.01, 0.06, 0.14),
    "tau-b": (0.1, 0.3, 0.5),
}
"""From where on an effect is called small, medium, large: conventions (Romano 2006, Cohen 1988), not laws."""
WORDS = {
    "en": ("negligible", "small", "medium", "large"),
    "zh-Hans": ("可以忽略", "小", "中等", "大"),
}


PHRASES = {
    "en": {
        "none": "{title}: nothing can be tested.",
        "facts": "{a} {at_a}, {b} {at_b}, a difference of {size}{unit}{span}",
        "span": " (95 % interval {low} to {high})",
        "two": "{title}: {a} is {side} than {b}, more than chance would explain ({p}). {facts}. {effect}",
        "two-chance": "{title}: no difference beyond chance was found between {a} and {b} ({p}). {facts}.",
        "trend": "{title} {side} from group to group, in their order, more than chance would explain ({p}). {effect}",
        "trend-chance": "{title}: no rise or fall beyond chance was found over the {k} ordered groups ({p}).",
        "several": "{title}: the {k} groups differ by more than chance would explain ({p}). {effect}",
        "several-chance": "{title}: no difference beyond chance was found between the {k} groups ({p}).",
        "effect": "The effect is {size} ({name} {value}{span}).",
        "effect-span": ", 95 % interval {low} to {high}",
        "higher": "higher",
        "lower": "lower",
        "rises": "rises",
        "falls": "falls",
        "counted": "{title} ({counted})",
    },
    "zh-Hans": {
        "none": "{title}：无法检验。",
        "facts": "{a} {at_a}，{b} {at_b}，相差 {size}{unit}{span}",
        "span": "（95% 区间 {low} 至 {high}）",
        "two": "{title}：{a}{side}{b}，超出偶然所能解释（{p}）。{facts}。{effect}",
        "two-chance": "{title}：没有发现{a}与{b}之间有超出偶然的差别（{p}）。{facts}。",
        "trend": "{title}：随组的次序{side}，超出偶然所能解释（{p}）。{effect}",
        "trend-chance": "{title}：在 {k} 个有序组之间没有发现超出偶然的上升或下降（{p}）。",
        "several": "{title}：{k} 个组的差别超出偶然所能解释（{p}）。{effect}",
        "several-chance": "{title}：没有发现 {k} 个组之间有超出偶然的差别（{p}）。",
        "effect": "差别的幅度：{size}（{name} {value}{span}）。",
        "effect-span": "，95% 区间 {low} 至 {high}",
        "higher": "高于",
        "lower": "低于",
        "rises": "上升",
        "falls": "下降",
        "counted": "{title}（{counted}）",
    },
}


class Shown(Protocol):
    """What a sentence needs to know of a group."""

    @property
    def title(self) -> Text:
        """What people call it."""

    @property
    def index(self) -> IndexValue | None:
        """Its index, where the measure has one."""


def sentence(
    found: Outcome, groups: Sequence[Shown], chosen: TestResult, difference: Difference | None
) -> dict[str, str]:
    """The comparison in Chinese and English."""
    return {locale: _sentence(locale, found, groups, chosen, difference).strip() for locale in PHRASES}


def _sentence(
    locale: str, found: Outcome, groups: Sequence[Shown], chosen: TestResult, difference: Difference | None
) -> str:
    say, reader = PHRASES[locale], Reader(locale)
    title = reader.say(found.title).rstrip("?？")
    if found.counted:
        title = say["counted"].format(title=title, counted=reader.say(found.counted))
    if chosen.pvalue is None:
        return say["none"].format(title=title)
    words = {"title": title, "p": _p(chosen.pvalue), "effect": _effect(locale, chosen.effect_size)}
    chance = "" if chosen.pvalue < BEYOND_CHANCE else "-chance"
    if len(groups) == 2 and difference is not None and difference.value is not None:
        words |= _two(locale, found, groups, difference.value, difference.confint)
        return say[f"two{chance}"].format(**words)
    rises = chosen.effect_size is not None and (chosen.effect_size.value or 0.0) > 0
    kind = "trend" if chosen.test == "jonckheere" else "several"
    return say[f"{kind}{chance}"].format(**words, k=len(groups), side=say["rises" if rises else "falls"])


def _two(
    locale: str, found: Outcome, groups: Sequence[Shown], value: float, interval: ConfInt | None
) -> dict[str, str]:
    say, reader = PHRASES[locale], Reader(locale)
    a, b = (reader.say(group.title) for group in groups)
    at_a, at_b = (_value(group.index, "%" if found.unit == "percent" else "") for group in groups)
    unit = UNITS[found.unit].en if locale == "en" else UNITS[found.unit].zh
    span = ""
    if interval is not None:  # of the size of the difference: which side is higher is said in words
        low, high = (interval.low, interval.high) if value > 0 else (-interval.high, -interval.low)
        span = say["span"].format(low=f"{low:.1f}", high=f"{high:.1f}")
    facts = say["facts"].format(a=a, b=b, at_a=at_a, at_b=at_b, size=f"{abs(value):.1f}", unit=unit, span=span)
    return {"a": a, "b": b, "side": say["higher" if value > 0 else "lower"], "facts": facts}


def _effect(locale: str, effect: EffectSize | None) -> str:
    if effect is None or effect.value is None or effect.name not in SIZES:
        return ""
    say, interval = PHRASES[locale], effect.confint
    size = WORDS[locale][sum(abs(effect.value) >= bound for bound in SIZES[effect.name])]
    span = "" if interval is None else say["effect-span"].format(low=f"{interval.low:.2f}", high=f"{interval.high:.2f}")
    return say["effect"].format(size=size, name=effect.name, value=f"{effect.value:.2f}", span=span)


def _value(index: IndexValue | None, sign: str) -> str:
    return "" if index is None or index.value is None else f"{index.value:.1f}{sign}"


def _p(pvalue: float) -> str:
    return "p < 0.001" if pvalue < 0.001 else f"p = {pvalue:.3f}"
