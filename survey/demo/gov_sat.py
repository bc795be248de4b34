"""Made-up respondents of `gov-sat`.

The open wave has the founding document's figures: 92.3 % very satisfied overall, yet about 18 % dissatisfied with
speed or attitude; the same paper asked for again 45 % of those who handed in papers twice or more; 35 % of those over
60 who went online did it by themselves; of those asked what to improve 42 % too many steps, 35 % passed between
offices, 28 % slow, 25 % attitude, 22 % unclear rules, 18 % special needs. The closed wave is the worse "before" that
the document's reforms start from: 84 % very satisfied, more trips, more papers.
"""

from survey.demo.synthetic import NOW, Chance, Person, Shares
from survey.forms.items.base import Scalar
from survey.responses import Mode

AGES: Shares = {1: 0.01, 2: 0.17, 3: 0.3, 4: 0.25, 5: 0.13, 6: 0.07, 7: 0.03, 97: 0.04}
ELDERLY = (5, 6, 7)
CHANNELS = {
    "young": {1: 0.54, 2: 0.2, 3: 0.08, 4: 0.02, 5: 0.04, 6: 0.12},
    "middle": {1: 0.42, 2: 0.31, 3: 0.08, 4: 0.03, 5: 0.04, 6: 0.12},
    "elderly": {1: 0.24, 2: 0.46, 3: 0.05, 4: 0.13, 5: 0.05, 6: 0.07},
}
OVERALL = {
    False: {5: 0.84, 4: 0.08, 3: 0.042, 2: 0.024, 1: 0.014},
    True: {5: 0.923, 4: 0.035, 3: 0.02, 2: 0.014, 1: 0.008},
}
COMPLAINT_GIVEN_OVERALL = {
    False: {5: 0.2, 4: 0.4, 3: 0.65, 2: 0.95, 1: 1.0},
    True: {5: 0.145, 4: 0.3, 3: 0.6, 2: 0.95, 1: 1.0},
}
CONTENT: dict[Scalar, Shares] = {
    5: {5: 0.82, 4: 0.13, 3: 0.03, 98: 0.01, 99: 0.01},
    4: {5: 0.2, 4: 0.6, 3: 0.17, 98: 0.01, 99: 0.02},
    3: {5: 0.05, 4: 0.25, 3: 0.65, 98: 0.02, 99: 0.03},
    2: {4: 0.1, 3: 0.4, 2: 0.4, 1: 0.07, 99: 0.03},
    1: {4: 0.05, 3: 0.25, 2: 0.35, 1: 0.32, 99: 0.03},
}
REASONS: Shares = {
    2: 0.48, 3: 0.4, 1: 0.32, 4: 0.29, 5: 0.25, 9: 0.21, 6: 0.12, 7: 0.08, 8: 0.07, 10: 0.03, 11: 0.02,
}  # fmt: skip
SUGGESTIONS = (
    "希望能一次告知要带哪些材料。",
    "网上填完了，到窗口又要再填一遍。",
    "排队时间太长，能不能分时段预约？",
    "手机上的字太小，老人看不清。",
    "工作人员很耐心，谢谢。",
    "几个部门说法不一样，跑了两趟才弄明白。",
    "办得很快，比以前方便多了。",
    "希望周末也能办。",
)


def draw(chance: Chance, wave: str, number: int) -> Person:
    """One respondent."""
    now = wave == NOW
    age = chance.one(AGES)
    is_elderly = age in ELDERLY
    channel = chance.one(CHANNELS["elderly" if is_elderly else "young" if age in (1, 2, 3) else "middle"])
    overall = chance.one(OVERALL[now])
    given: dict[str, object] = {
        "Q0": 0 if chance.yes(0.015) else 1,
        "Q1": chance.one({1: 0.63, 2: 0.17, 3: 0.13, 0: 0.05, 99: 0.02}),
        "Q2": channel,
        "Q3": chance.one({98: 0.5, 99: 0.5}) if chance.yes(0.012) else overall,
        **_aspects(chance, overall, channel, now=now),
        **_effort(chance, channel, now=now),
        "Q10": _by_oneself(chance, is_elderly=is_elderly),
        **_words(chance),
        **_about(chance, age),
    }
    variant, mode = _way(chance, channel, is_elderly=is_elderly)
    return Person(given=given, variant=variant, mode=mode, minutes=6 if is_elderly else 3.5)


def _aspects(chance: Chance, overall: Scalar, channel: Scalar, *, now: bool) -> dict[str, object]:
    """Aspects follow the overall rating, but for the complaint about speed or attitude that it does not show."""
    given: dict[str, object] = {item: chance.one(CONTENT[overall]) for item in ("Q4", "Q5", "Q6", "Q9", "Q11")}
    for item in ("Q4", "Q5"):
        given[item] = max(3, given[item]) if isinstance(given[item], int) else given[item]  # type: ignore[call-overload]
    if chance.yes(COMPLAINT_GIVEN_OVERALL[now][int(overall)]):
        has_staff = channel in (2, 4, 5, 6)
        about = chance.one({"Q4": 0.5, "Q5": 0.3, "both": 0.2}) if has_staff else "Q4"
        for item in ("Q4", "Q5") if about == "both" else (str(about),):
            given[item] = chance.one({2: 0.72, 1: 0.28})
        if chance.yes(0.25):
            given["Q6"] = 2
    return given


def _effort(chance: Chance, channel: Scalar, *, now: bool) -> dict[str, object]:
    trips = {1: 0.15, 2: 1.35, 3: 0.9, 4: 0.3, 5: 0.2, 6: 1.9}[int(channel)] * (1.0 if now else 1.5)
    papers = {1: 0.9, 2: 1.5, 3: 0.7, 4: 1.2, 5: 0.6, 6: 1.9}[int(channel)] * (1.0 if now else 1.25)
    went = chance.count(trips)
    return {
        "Q7": 99 if chance.yes(0.03) else chance.count(papers),
        "Q7b": 99 if chance.yes(0.03) else int(chance.yes(0.45 if now else 0.52)),
        "Q8": 99 if chance.yes(0.02) else max(1, went) if channel in (2, 6) else went,
    }


def _by_oneself(chance: Chance, *, is_elderly: bool) -> Scalar:
    if is_elderly:
        return chance.one({1: 0.35, 2: 0.33, 3: 0.24, 4: 0.06, 99: 0.02})
    return chance.one({1: 0.83, 2: 0.09, 3: 0.04, 4: 0.03, 99: 0.01})


def _words(chance: Chance) -> dict[str, object]:
    given: dict[str, object] = {
        "Q12": chance.some(REASONS, 3) or [96],
        "Q12_specify": "停车不方便",
        "Q14": int(chance.yes(0.35)),
        "Q14_phone": chance.phone(),
    }
    if chance.yes(0.14):
        given["Q13"] = chance.text(SUGGESTIONS)
    return given


def _about(chance: Chance, age: Scalar) -> dict[str, object]:
    """The last page, which one in eight leaves blank."""
    district = chance.one({1: 0.2, 2: 0.16, 3: 0.13, 4: 0.11, 5: 0.1, 6: 0.09, 7: 0.08, 8: 0.06, 9: 0.04, 10: 0.03})
    if chance.yes(0.12):
        return {}
    return {
        "D1": age,
        "D2": 97 if chance.yes(0.02) else district,
        "D3": chance.one({1: 0.52, 2: 0.27, 3: 0.18, 97: 0.03}),
        "D4": chance.one({1: 0.72, 2: 0.12, 3: 0.11, 4: 0.05} if age in ELDERLY else {1: 0.96, 2: 0.02, 3: 0.02}),
        "Z1": chance.one({0: 0.94, 1: 0.035, 97: 0.025}),
    }


def _way(chance: Chance, channel: Scalar, *, is_elderly: bool) -> tuple[str, Mode]:
    if channel == 4 and chance.yes(0.7):
        return "assisted", Mode.ASSISTED
    if is_elderly:
        variant = "elder" if chance.yes(0.6) else "standard"
        return variant, Mode(str(chance.one({"web": 0.7, "paper": 0.2, "phone": 0.1})))
    return "standard", Mode(str(chance.one({"web": 0.95, "paper": 0.04, "phone": 0.01})))
