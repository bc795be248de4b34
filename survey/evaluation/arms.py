"""Who is compared: the arm of every response, wave by wave."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from survey.errors import Refused
from survey.evaluation.questions import Question
from survey.evaluation.sample import Mask, Sample, Variable
from survey.evaluation.selectors import Part, Selector, parse, select
from survey.forms.wording import Reader, Text
from survey.responses import Wave

ArmCodes = NDArray[np.int16]
NOBODY = -1
SECONDS_A_YEAR = 365.25 * 86400.0


class Round(NamedTuple):
    """One wave's responses; `respondents` tells persons apart where waves are linked (0: not linked)."""

    wave: Wave
    sample: Sample
    respondents: NDArray[np.int64] | None = None


class Arm(NamedTuple):
    """One of the groups compared. `time` is in years since the first wave; for groups in order it is their place.

    `parts` are the conditions that select it in the round `home`; none for a whole wave.
    """

    name: str
    title: Text
    time: float = 0.0
    parts: tuple[Part, ...] = ()
    home: int = 0


class Arms(NamedTuple):
    """The arms, and for each round the arm of every response; `ordered` when they have an order of their own."""

    arms: tuple[Arm, ...]
    codes: tuple[ArmCodes, ...]
    ordered: bool = False


def arms_of(question: Question, rounds: list[Round]) -> Arms:
    """The arms that a question asks for; raises Refused."""
    match question.kind:
        case "groups":
            return _groups(str(question.by), rounds[0].sample)
        case "waves":
            return _waves(rounds)
        case "pilot":
            return _pilot(question, rounds)
        case "parts":
            return _parts([parse(str(question.a)), parse(str(question.b))], question.wave, rounds)
        case "target":
            return _parts([parse(question.a)] if question.a else [], question.wave, rounds)


def breakdown(sample: Sample, name: str) -> Variable:
    """The variable of a breakdown; raises Refused for one that makes no groups."""
    variable = sample.variable(name)
    if variable.numeric:
        raise Refused(
            "%(name)s is a number: compare ranges of it instead, for example a=%(name)s:..30 and b=%(name)s:45..",
            name=name,
        )
    return variable


def _groups(name: str, sample: Sample) -> Arms:
    variable = breakdown(sample, name)
    order = variable.in_order()
    arm = np.full(256, NOBODY, dtype=np.int16)
    arm[order] = np.arange(len(order))
    names = [str(variable.codes[place]) for place in order]
    arms = tuple(
        Arm(f"{name}:{code}", variable.labels[place], parts=(Part(name, code),))
        for code, place in zip(names, order, strict=True)
    )
    return Arms(arms, (arm[sample.codes[:, variable.place]],), variable.ordered)


def _waves(rounds: list[Round]) -> Arms:
    """All waves in their order; waves that opened at one time are taken to be a year apart."""
    opened = [one.wave.opens_at for one in rounds]
    years = [(time - opened[0]).total_seconds() / SECONDS_A_YEAR for time in opened]
    if len(set(years)) < len(years):
        years = [float(place) for place in range(len(rounds))]
    arms = tuple(
        Arm(f"wave:{one.wave.wave}", _named(one.wave.wave), year, home=home)
        for home, (one, year) in enumerate(zip(rounds, years, strict=True))
    )
    codes = tuple(np.full(len(one.sample), place, dtype=np.int16) for place, one in enumerate(rounds))
    return Arms(arms, codes, ordered=True)


def _parts(selectors: list[Selector], wave: str | None, rounds: list[Round]) -> Arms:
    """One arm a selector; without any, all responses of the round."""
    if not selectors:
        only = rounds[0]
        arm = Arm(f"wave:{only.wave.wave}", _named(only.wave.wave))
        return Arms((arm,), (np.zeros(len(only.sample), dtype=np.int16),))
    at = [_round_of(selector.wave or wave, rounds) for selector in selectors]
    arms, codes = [], [np.full(len(one.sample), NOBODY, dtype=np.int16) for one in rounds]
    for place, (selector, home) in enumerate(zip(selectors, at, strict=True)):
        sample = rounds[home].sample
        mask = select(sample, selector.parts)
        _claim(codes[home], mask, place, [one.text for one in selectors])
        arms.append(Arm(selector.text, _title(selector, sample), parts=selector.parts, home=home))
    if len(selectors) > 1 and at[0] == at[1] and set(selectors[0].parts) == set(selectors[1].parts):
        raise Refused(
            "%(first)s and %(second)s have respondents in common: choose groups apart",
            first=selectors[0].text,
            second=selectors[1].text,
        )
    return Arms(tuple(arms), tuple(codes))


def _pilot(question: Question, rounds: list[Round]) -> Arms:
    """Control before and after, then pilot before and after: the order of the difference in differences."""
    sides = [parse(str(question.control)), parse(str(question.pilot))]
    if any(side.wave for side in sides):
        raise Refused(
            "pilot=… and control=… say who, before=WAVE and after=WAVE say when: leave wave: out of the first"
        )
    times = [_round_of(name, rounds) for name in (question.before, question.after)]
    if times[0] == times[1]:
        raise Refused("before and after must be two waves")
    arms, codes = [], [np.full(len(one.sample), NOBODY, dtype=np.int16) for one in rounds]
    for place, (side, home) in enumerate((side, home) for side in sides for home in times):
        sample = rounds[home].sample
        _claim(codes[home], select(sample, side.parts), place, [one.text for one in sides])
        wave = rounds[home].wave.wave
        title = _joined([_title(side, sample), _named(wave)])
        arms.append(Arm(f"{side.text};wave:{wave}", title, parts=side.parts, home=home))
    return Arms(tuple(arms), tuple(codes))


def _claim(codes: ArmCodes, mask: Mask, arm: int, texts: list[str]) -> None:
    """Put some responses into an arm; raises Refused when another arm has one of them already."""
    if (codes[mask] != NOBODY).any():
        raise Refused("%(groups)s have respondents in common: choose groups apart", groups=", ".join(texts))
    codes[mask] = arm


def _round_of(name: str | None, rounds: list[Round]) -> int:
    return next((place for place, one in enumerate(rounds) if one.wave.wave == name), 0)


def _title(selector: Selector, sample: Sample) -> Text:
    """What people call a selected part: its wave and the labels of its options."""
    pieces = [_named(selector.wave)] if selector.wave else []
    return _joined([*pieces, *(_part_title(part, sample) for part in selector.parts)])


def _part_title(part: Part, sample: Sample) -> Text:
    variable = sample.variable(part.name)
    labels = dict(zip(map(str, variable.codes), variable.labels, strict=True))
    ranged = variable.numeric or part.value not in labels
    return {"en": f"{part.name} {part.value}"} if ranged else labels[part.value]


def _joined(pieces: list[Text]) -> Text:
    if len(pieces) == 1:
        return pieces[0]
    return {locale: ", ".join(Reader(locale).say(piece) for piece in pieces) for locale in ("zh-Hans", "en")}


def _named(wave: str) -> Text:
    return {"zh-Hans": wave, "en": wave}
