"""Made-up respondents of `h12345-intake` and `h12345-followup`.

Intake: 18 % of the appeals of the open wave repeat an earlier one (the founding document's figure), 23 % of those of
the closed wave. Follow-up: the open wave has the worked example of the three rates, contacted 98 %, solved 85 %,
satisfied 75 % and mostly satisfied 10 %; the closed wave is the "before": 93 %, 76 %, 64 % and 13 %.
"""

from survey.demo.synthetic import NOW, Chance, Person, Shares
from survey.forms.items.base import Scalar
from survey.responses import Mode

MATTERS: dict[Scalar, tuple[float, str]] = {
    1: (0.11, "上个月申请的社保转移一直没有到账，打电话说还在排队。"),
    2: (0.06, "社区卫生站周末没有人，老人拿不到药。"),
    3: (0.05, "孩子转学材料交了三周，还没有答复。"),
    4: (0.17, "小区电梯停了五天，物业说没有维修资金。"),
    5: (0.13, "从昨天晚上开始停水，没有通知什么时候恢复。"),
    6: (0.14, "路口信号灯坏了两天，早高峰很危险。"),
    7: (0.12, "楼下工地夜里十一点以后还在施工，睡不着。"),
    8: (0.08, "健身房关门了，预付的钱退不回来。"),
    9: (0.05, "网上预约成功，到窗口却说没有号。"),
    10: (0.02, "楼道里堆满杂物，消防通道走不通。"),
    11: (0.03, "村里的水渠堵了，地里浇不上水。"),
    12: (0.02, "窗口工作人员态度生硬，没有讲清要求。"),
    13: (0.02, "想了解一下最近的政策安排，不知道问谁。"),
}
PLACES = ("幸福路与和平街路口", "阳光小区3号楼", "东门菜市场旁", "人民公园北门", "向阳村村口", "新华街道办事处附近")
WISHES = ("希望尽快修好。", "希望给一个明确的答复时间。", "请相关单位到现场看一看。", "希望退还费用。")
COMMENTS = ("谢谢，办得很快。", "打了两次电话才有人管。", "希望以后主动告诉我们进度。", "事情还没有完全解决。")
SATISFIED_BY_SOLVED: dict[bool, Shares] = {
    True: {5: 0.57, 4: 0.27, 3: 0.09, 2: 0.045, 1: 0.015, 99: 0.01},
    False: {5: 0.1, 4: 0.12, 3: 0.16, 2: 0.33, 1: 0.28, 99: 0.01},
}
REASONS: Shares = {1: 0.14, 2: 0.36, 3: 0.48, 4: 0.26, 5: 0.22, 6: 0.12, 7: 0.15, 8: 0.12, 9: 0.1, 10: 0.04}


def draw_intake(chance: Chance, wave: str, number: int) -> Person:
    """One appeal."""
    matter = chance.one({code: share for code, (share, _) in MATTERS.items()})
    age = chance.one({1: 0.01, 2: 0.14, 3: 0.31, 4: 0.28, 5: 0.14, 6: 0.08, 7: 0.02, 97: 0.02})
    given: dict[str, object] = {
        "I0": 0,
        "I1": chance.one({1: 0.22, 2: 0.26, 3: 0.39, 4: 0.03, 5: 0.1}),
        "I2": 99 if chance.yes(0.01) else matter,
        "I3_region": chance.one({code: 1 / code for code in range(1, 11)}),
        "I3": chance.text(PLACES),
        "I4": MATTERS[matter][1],
        "I5": chance.one({99: 0.72, **{code: 0.28 / 12 for code in range(1, 13)}}),
        **_repeat(chance, now=wave == NOW),
        "I8": chance.one({1: 0.5, 2: 0.28, 3: 0.12, 4: 0.03, 0: 0.07}),
        "I9": chance.phone(),
        "I10": int(chance.yes(0.24)),
        "I11": chance.one({1: 0.74, 2: 0.16, 3: 0.06, 4: 0.04}),
        "I12": age,
    }
    if chance.yes(0.6):
        given["I7"] = chance.text(WISHES)
    is_elderly = age in (5, 6, 7)
    mode = Mode(str(chance.one({"web": 0.45, "phone": 0.47, "assisted": 0.08})))
    variant = "assisted" if mode is Mode.ASSISTED else "elder" if is_elderly and mode is Mode.WEB else "standard"
    return Person(given=given, variant=variant, mode=mode, minutes=5)


def _repeat(chance: Chance, *, now: bool) -> dict[str, object]:
    again = {2: 0.07, 3: 0.07, 4: 0.04} if now else {2: 0.09, 3: 0.09, 4: 0.05}
    share = sum(again.values())
    given: dict[str, object] = {
        "I6": chance.one({**again, 99: 0.02, 1: 0.98 - share}),
        "I6b": int(chance.yes(0.6)),
    }
    if chance.yes(0.5):
        given["I6a"] = f"12345-2026-{int(chance.rng.integers(10**5)):05d}"
    return given


def draw_followup(chance: Chance, wave: str, number: int) -> Person:
    """One call back about a case that is closed."""
    now = wave == NOW
    solved = chance.yes(0.85 if now else 0.76)
    outcome: Scalar = 1 if solved else chance.one({2: 0.5, 0: 0.5})
    satisfied = chance.one(SATISFIED_BY_SOLVED[solved])
    if not now and chance.yes(0.06):
        satisfied = 3
    given: dict[str, object] = {
        "F0": chance.one({1: 0.9, 2: 0.04, 0: 0.06}),
        "F1": 99 if chance.yes(0.01) else int(chance.yes(0.98 if now else 0.93)),
        "F1a": chance.one({1: 0.46, 2: 0.4, 3: 0.12, 99: 0.02}),
        "F2": chance.one({98: 0.7, 99: 0.3}) if chance.yes(0.03) else outcome,
        "F3": satisfied,
        "F4": chance.some(REASONS, 3) or [2],
        "F5": int(chance.yes(0.55)),
        "F8": chance.one({0: 0.95, 1: 0.025, 97: 0.025}),
        "F9": chance.one({1: 0.9, 2: 0.08, 3: 0.02}),
    }
    if chance.yes(0.12):
        given["F7"] = chance.text(COMMENTS)
    by_phone = chance.yes(0.8)
    return Person(
        given=given,
        variant="phone" if by_phone else "standard",
        mode=Mode.PHONE if by_phone else Mode.WEB,
        prefill={"case_ref": f"demo-{wave}-{number:04d}", "wave_day": 0, "returns": 0},
        minutes=2,
    )
