"""What a comparison says, in plain words and both languages: direction, size, interval, p; never a bare verdict."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from survey.analysis.results import ConfInt, Difference, EffectSize, TestResult, Verdict
from survey.evaluation.evidence import Design
from survey.evaluation.indices import IndexValue
from survey.evaluation.outcomes import UNITS, Outcome
from survey.forms.wording import Reader, Text

BEYOND_CHANCE = 0.05
SIZES: dict[str, tuple[float, float, float]] = {
    "Cliff's delta": (0.147, 0.33, 0.474),
    "Hedges' g": (0.2, 0.5, 0.8),
    "Cohen's h": (0.2, 0.5, 0.8),
    "Cohen's d": (0.2, 0.5, 0.8),
    "Cohen's d_z": (0.2, 0.5, 0.8),
    "standardised difference": (0.2, 0.5, 0.8),
    "Cramer's V": (0.1, 0.3, 0.5),
    "Cramer's V (weighted)": (0.1, 0.3, 0.5),
    "matched rank-biserial correlation": (0.1, 0.3, 0.5),
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
        "facts-paired": "They differ by {size}{unit}{span}; all who answered, both times or once: "
        "{a} {at_a}, {b} {at_b}",
        "span": " (95 % interval {low} to {high})",
        "two": "{title}: {paired}{a} is {side} than {b}, more than chance would explain ({p}). {facts}. {effect}",
        "two-chance": "{title}: {paired}no difference beyond chance was found between {a} and {b} ({p}). {facts}.",
        "paired": "of the {n} people who answered both times, ",
        "one": "{title}: {a} is at {at_a}, {side} than the target of {target}, more than chance would explain ({p}). "
        "The difference is {size}{unit}{span}. {effect}",
        "one-chance": "{title}: {a} is at {at_a}; no difference beyond chance from the target of {target} was found "
        "({p}). The difference is {size}{unit}{span}.",
        "did": "{title}: from before to after, the pilot changed by {size}{unit} {more} than the control{span}, more "
        "than chance would explain ({p}). {effect}",
        "did-chance": "{title}: no difference beyond chance was found between the change of the pilot and that of the "
        "control ({p}): the pilot changed by {size}{unit} {more}{span}.",
        "slope": "{title} {side} by {size}{unit} a year{span}, more than chance would explain ({p}). {effect}",
        "slope-chance": "{title}: no rise or fall beyond chance was found over the {k} waves ({p}): {size}{unit} a year"
        "{span}.",
        "trend": "{title} {side} from group to group, in their order, more than chance would explain ({p}). {effect}",
        "trend-chance": "{title}: no rise or fall beyond chance was found over the {k} ordered groups ({p}).",
        "several": "{title}: the {k} groups differ by more than chance would explain ({p}). {effect}",
        "several-chance": "{title}: no difference beyond chance was found between the {k} groups ({p}).",
        "effect": "The effect is {size} ({name} {value}{span}).",
        "effect-span": ", 95 % interval {low} to {high}",
        "different": "It is not smaller than the smallest effect of interest ({sesoi}{unit}).",
        "equivalent": "Whatever the difference is, it is smaller than the smallest effect of interest ({sesoi}{unit}): "
        "for practical purposes they are equivalent.",
        "inconclusive": "Whether the difference reaches the smallest effect of interest ({sesoi}{unit}) cannot be told "
        "from these answers.",
        "higher": "higher",
        "lower": "lower",
        "rises": "rises",
        "falls": "falls",
        "more": "more",
        "less": "less",
        "counted": "{title} ({counted})",
    },
    "zh-Hans": {
        "none": "{title}：无法检验。",
        "facts": "{a} {at_a}，{b} {at_b}，相差 {size}{unit}{span}",
        "facts-paired": "这些人前后相差 {size}{unit}{span}；全部回答（含只答一次的）：{a} {at_a}，{b} {at_b}",
        "span": "（95% 区间 {low} 至 {high}）",
        "two": "{title}：{paired}{a}{side}{b}，超出偶然所能解释（{p}）。{facts}。{effect}",
        "two-chance": "{title}：{paired}没有发现{a}与{b}之间有超出偶然的差别（{p}）。{facts}。",
        "paired": "在两次都作答的 {n} 人中，",
        "one": "{title}：{a}为 {at_a}，{side}目标值 {target}，超出偶然所能解释（{p}）。"
        "相差 {size}{unit}{span}。{effect}",
        "one-chance": "{title}：{a}为 {at_a}，没有发现与目标值 {target} 有超出偶然的差别（{p}）。"
        "相差 {size}{unit}{span}。",
        "did": "{title}：从前到后，试点比对照{more}变化 {size}{unit}{span}，超出偶然所能解释（{p}）。{effect}",
        "did-chance": "{title}：没有发现试点与对照的变化有超出偶然的差别（{p}）："
        "试点比对照{more}变化 {size}{unit}{span}。",
        "slope": "{title}：每年{side} {size}{unit}{span}，超出偶然所能解释（{p}）。{effect}",
        "slope-chance": "{title}：在 {k} 轮调查中没有发现超出偶然的上升或下降（{p}）：每年 {size}{unit}{span}。",
        "trend": "{title}：随组的次序{side}，超出偶然所能解释（{p}）。{effect}",
        "trend-chance": "{title}：在 {k} 个有序组之间没有发现超出偶然的上升或下降（{p}）。",
        "several": "{title}：{k} 个组的差别超出偶然所能解释（{p}）。{effect}",
        "several-chance": "{title}：没有发现 {k} 个组之间有超出偶然的差别（{p}）。",
        "effect": "差别的幅度：{size}（{name} {value}{span}）。",
        "effect-span": "，95% 区间 {low} 至 {high}",
        "different": "差别不小于约定的最小有意义差别（{sesoi}{unit}）。",
        "equivalent": "无论差别多少，都小于约定的最小有意义差别（{sesoi}{unit}）：实际上可视为相当。",
        "inconclusive": "差别是否达到约定的最小有意义差别（{sesoi}{unit}），从这些回答中还看不出来。",
        "higher": "高于",
        "lower": "低于",
        "rises": "上升",
        "falls": "下降",
        "more": "多",
        "less": "少",
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


class Finding(NamedTuple):
    """What there is to say."""

    outcome: Outcome
    design: Design
    groups: Sequence[Shown]
    chosen: TestResult
    difference: Difference | None
    verdict: Verdict | None = None
    sesoi: float | None = None
    target: float | None = None


def sentence(finding: Finding) -> dict[str, str]:
    """The comparison in Chinese and English."""
    return {locale: _sentence(locale, finding) for locale in PHRASES}


def _sentence(locale: str, finding: Finding) -> str:
    say, reader = PHRASES[locale], Reader(locale)
    outcome, chosen = finding.outcome, finding.chosen
    title = reader.say(outcome.title).rstrip("?？")
    if outcome.counted:
        title = say["counted"].format(title=title, counted=reader.say(outcome.counted))
    if chosen.pvalue is None:
        return say["none"].format(title=title)
    chance = "" if chosen.pvalue < BEYOND_CHANCE else "-chance"
    kind = _kind(finding)
    words = {"title": title, "p": _p(chosen.pvalue), "effect": _effect(locale, chosen.effect_size)}
    words |= {"k": str(len(finding.groups)), "side": say["rises" if _rises(finding) else "falls"]}
    if finding.difference is not None and finding.difference.value is not None:
        words |= _gap(locale, finding, finding.difference.value, finding.difference.confint)
    if kind in ("one", "two"):
        words |= _sides(locale, finding, words)
    said = say[f"{kind}{chance}"].format(**words).strip()
    return f"{said}{_space(locale)}{_judged(locale, finding)}".strip()


TRENDS = ("jonckheere", "trend_slope", "cochran_armitage", "weighted_trend")


def _kind(finding: Finding) -> str:
    known = finding.difference is not None and finding.difference.value is not None
    match finding.design:
        case "one-sample" if known:
            return "one"
        case "two-independent" | "two-paired" if known:
            return "two"
        case "did" | "did-panel" | "did-clusters" if known:
            return "did"
        case "waves" if finding.chosen.test in ("trend_slope", "weighted_trend"):
            return "slope"
        case "ordered" | "waves" if finding.chosen.test in TRENDS:
            return "trend"
        case _:
            return "several"


def _rises(finding: Finding) -> bool:
    effect, difference = finding.chosen.effect_size, finding.chosen.difference
    if difference is not None and difference.value is not None:
        return difference.value > 0
    return effect is not None and (effect.value or 0.0) > 0


def _gap(locale: str, finding: Finding, value: float, interval: ConfInt | None) -> dict[str, str]:
    """The size of the difference; which side is higher is said in words."""
    say = PHRASES[locale]
    span = ""
    if interval is not None:
        low, high = (interval.low, interval.high) if value > 0 else (-interval.high, -interval.low)
        span = say["span"].format(low=f"{low:.1f}", high=f"{high:.1f}")
    more = say["more" if value > 0 else "less"]
    return {"size": f"{abs(value):.1f}", "unit": _unit(locale, finding.outcome), "span": span, "more": more}


def _sides(locale: str, finding: Finding, words: dict[str, str]) -> dict[str, str]:
    say, reader = PHRASES[locale], Reader(locale)
    sign = "%" if finding.outcome.unit == "percent" else ""
    value = (finding.difference.value if finding.difference else None) or 0.0
    found = {"side": say["higher" if value > 0 else "lower"], "paired": ""}
    for letter, group in zip("ab", finding.groups, strict=False):
        found |= {letter: reader.say(group.title), f"at_{letter}": _value(group.index, sign)}
    if finding.design == "one-sample":
        return found | {"target": f"{finding.target:g}{sign}"}
    facts = "facts"
    if finding.design == "two-paired":
        found["paired"] = say["paired"].format(n=finding.chosen.n[0])
        facts = "facts-paired"  # the groups hold everybody: what the pairs alone answered could be subtracted from that
    return found | {"facts": say[facts].format(**words | found)}


def _judged(locale: str, finding: Finding) -> str:
    if finding.verdict is None or finding.sesoi is None:
        return ""
    return PHRASES[locale][finding.verdict].format(sesoi=f"{finding.sesoi:g}", unit=_unit(locale, finding.outcome))


def _unit(locale: str, outcome: Outcome) -> str:
    return UNITS[outcome.unit].en if locale == "en" else UNITS[outcome.unit].zh


def _space(locale: str) -> str:
    return " " if locale == "en" else ""


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
