"""Made-up respondents of `staff-digital`.

The founding document gives mean test scores of 85 (30 and under) and 52 (45 and over), and separately a pass rate
that training raised from 45 % to 78 %. With six in ten aged 45 and over (the document says 58 %) a mean of 52 and a
pass rate of 78 % cannot hold at once. So the closed wave, before the training, has the age gap and the 45 %; the open
wave, after it, has the 78 %: everybody scores higher and the gap narrows to about 90 and 66. Training reaches 28 % in
the closed wave (the document's figure) and 70 % in the open one. Three in four people took part in both waves: the
same `staff_token` links them.
"""

from survey.demo.synthetic import NOW, Chance, Person
from survey.forms.items.base import Scalar
from survey.responses import Mode

KEYS = {"K1": "C", "K2": "D", "K3": "C", "K4": "B", "K5": "B", "K6": "C", "K7": "B", "K8": "C", "K10": "B"}
WRONG = {
    "K1": "ABD", "K2": "ABC", "K3": "ABD", "K4": "ACD", "K5": "ACD",
    "K6": "ABD", "K7": "ACD", "K8": "ABD", "K10": "ACD",
}  # fmt: skip
HARDER = {"K4": 0.09, "K5": 0.13, "K10": 0.08, "K1": -0.12, "K8": -0.11, "K7": -0.07}
"""How much less likely than the average item a right answer is."""
ABILITY = {False: (0.865, 0.55, 0.51), True: (0.905, 0.78, 0.665)}
"""The mean chance of a right answer of the three age bands, before and after the training."""
SPREAD = 24.0
"""The larger, the more alike are people of one age."""
NEWCOMERS = 150


def draw(chance: Chance, wave: str, number: int) -> Person:
    """One member of staff; who they are depends on their number alone, so that waves can be linked."""
    after = wave == NOW
    person = number + (NEWCOMERS if after else 0)
    self_ = Chance(person)
    band = int(self_.one({0: 0.14, 1: 0.26, 2: 0.6}))
    age = int(self_.rng.integers(*((22, 31), (31, 45), (45, 61))[band]))
    post = self_.one({1: 0.1, 2: 0.3, 3: 0.31, 4: 0.27, 97: 0.02})
    education = self_.one({1: 0.12, 2: 0.42, 3: 0.4, 4: 0.06} if band == 2 else {1: 0.02, 2: 0.2, 3: 0.6, 4: 0.18})
    luck = float(self_.rng.beta(*_shape(ABILITY[after][band])))
    given: dict[str, object] = {
        "B1": post,
        "B2": 97 if self_.yes(0.02) else age,
        "B3": 97 if self_.yes(0.02) else education,
        "B4": _hours(chance, after=after),
        **{item: _confidence(chance, luck) for item in ("A1", "A2", "A3", "A4", "A5", "A6")},
        **{item: _choice(chance, item, luck) for item in KEYS},
        "K9": _accounts(chance, luck),
    }
    prefill: dict[str, Scalar] = {"staff_token": f"demo-{person:04d}"}
    if post == 4 and self_.yes(0.15):
        prefill["no_system_access"] = 1
        given["A3"] = given["A6"] = 98
    return Person(given=given, prefill=prefill, mode=Mode.WEB, minutes=11)


def _shape(mean: float) -> tuple[float, float]:
    return mean * SPREAD, (1 - mean) * SPREAD


def _hours(chance: Chance, *, after: bool) -> int:
    if chance.yes(0.02):
        return 99
    if not chance.yes(0.7 if after else 0.28):
        return 0
    return int(chance.one({4: 0.2, 8: 0.3, 10: 0.2, 16: 0.15, 24: 0.1, 40: 0.05}))


def _confidence(chance: Chance, luck: float) -> int:
    """People rate themselves by what they can, and a little higher."""
    if chance.yes(0.015):
        return 98
    felt = 1 + 4 * (luck + 0.05 + float(chance.rng.normal(0, 0.16)))
    return int(min(5, max(1, round(felt))))


def _choice(chance: Chance, item: str, luck: float) -> str:
    if chance.yes(min(0.98, max(0.05, luck - HARDER.get(item, 0.0)))):
        return KEYS[item]
    return "E" if chance.yes(0.3) else chance.text(WRONG[item])


def _accounts(chance: Chance, luck: float) -> list[Scalar]:
    """Each of the three right ways about as likely as a right answer elsewhere, a wrong one now and then."""
    chosen = [code for code in "ABD" if chance.yes(min(0.98, luck + 0.05))]
    chosen += [code for code in "CE" if chance.yes(0.1 * (1 - luck))]
    return list(sorted(chosen)) or ["F"]
