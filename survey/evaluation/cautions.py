"""What a caution means, in words for the evaluator; a test finds codes that have none."""

from survey.analysis.results import Caution
from survey.forms.wording import Text

WORDS: dict[str, dict[str, str]] = {
    "answered-more-than-once": {
        "zh-Hans": "有 {n} 人在同一轮里答了不止一次，无法判断以哪一次为准，未计入配对。",
        "en": "{n} people answered one wave more than once; which answer counts cannot be told, so they are left out.",
    },
    "census": {
        "zh-Hans": "几乎所有人都作答了：没有抽样误差。",
        "en": "Nearly everybody was asked: there is no sampling error.",
    },
    "collinear": {
        "zh-Hans": "各项目之间高度相关，单独的影响难以区分。",
        "en": "The items move together: their shares are uncertain.",
    },
    "complete-separation": {"zh-Hans": "两组的回答完全分开。", "en": "The groups' answers do not overlap at all."},
    "empty-group": {"zh-Hans": "有的组没有有效回答。", "en": "A group has no valid answers."},
    "empty-left-out": {
        "zh-Hans": "没有人选的行或列未计入检验。",
        "en": "Rows or columns that nobody is in were left out.",
    },
    "empty-stratum": {"zh-Hans": "有的层没有回答，未计入。", "en": "Strata without answers were left out."},
    "exact-not-computed": {"zh-Hans": "样本太大，没有算精确 p 值。", "en": "Too many answers for the exact p-value."},
    "few-clusters": {
        "zh-Hans": "只有 {clusters} 个整群（如大厅），少于 20 个：区间和 p 值是近似的，真实的差异也不易看出。",
        "en": "There are {clusters} clusters only; below 20 intervals and p-values are rough and real differences "
        "hard to see.",
    },
    "few-waves": {
        "zh-Hans": "只有 {waves} 轮调查，少于 4 轮，不能检验趋势。",
        "en": "{waves} waves are too few for a trend, which takes 4.",
    },
    "item-without-variance": {
        "zh-Hans": "有的项目所有人回答相同。",
        "en": "Everybody gave the same answer to an item.",
    },
    "items-missing": {"zh-Hans": "有的分项没有回答。", "en": "Some components have no answers."},
    "levels-never-exchanged": {"zh-Hans": "有的等级之间没有人变动。", "en": "Between some levels nobody moved."},
    "linear-probability-only": {
        "zh-Hans": "有一格全部或没有人选，只能用线性概率。",
        "en": "A cell has all or none, so that only the linear probability can be had.",
    },
    "lonely-psu": {"zh-Hans": "有的层只有一个抽样单位。", "en": "A stratum has a single sampling unit."},
    "lonely-ssu": {"zh-Hans": "有的群只有一个二级单位。", "en": "A cluster has a single second-stage unit."},
    "low-reliability": {"zh-Hans": "信度偏低。", "en": "Reliability is low."},
    "many-zeros": {
        "zh-Hans": "超过三成的人没有变化：符号秩检验把他们略去，请同时看 Pratt 法与符号检验。",
        "en": "More than 30 % did not change, and signed ranks drop them: read Pratt's variant and the sign test too.",
    },
    "mode-is-chosen": {
        "zh-Hans": "渠道不是随机分配的：渠道之间的差异里，既有渠道对回答的影响，也有各渠道作答者本身的不同，"
        "两者分不开。",
        "en": "Nobody was assigned a mode by chance: a difference between modes is one of how they make people answer "
        "and one of who answers in them, and the two cannot be told apart.",
    },
    "modes-differ": {
        "zh-Hans": "{a} 与 {b} 的作答渠道构成明显不同：差异可能部分来自渠道。请在同一渠道内再比较一次，"
        "例如加上 mode:web。",
        "en": "{a} and {b} answered by clearly different modes: part of a difference may come from the mode. Compare "
        "within one mode as well, for example with mode:web.",
    },
    "monte-carlo": {
        "zh-Hans": "p 值由随机抽样得到，带种子可复现。",
        "en": "The p-value comes from random draws, seeded.",
    },
    "parallel-trends-unchecked": {
        "zh-Hans": "试点之前不足两轮可比的调查（或使用了加权、整群），无法检查试点与对照原先是否平行变化："
        "结论依赖这一假定。",
        "en": "There are not two comparable waves before the pilot (or weights or clusters are in use), so that nobody "
        "can tell whether pilot and control moved in parallel before: the result rests on that assumption.",
    },
    "pre-trends-differ": {
        "zh-Hans": "试点开始之前，试点与对照的变化就已不同（p = {pvalue:.3g}）：差异不能都归于试点。",
        "en": "Pilot and control moved differently before the pilot began already (p = {pvalue:.3g}): the difference "
        "cannot be put down to the pilot alone.",
    },
    "no-change": {"zh-Hans": "没有人改变。", "en": "Nobody changed."},
    "no-degrees-of-freedom": {"zh-Hans": "抽样单位太少，无法计算误差。", "en": "Too few sampling units for an error."},
    "no-discordant-pairs": {"zh-Hans": "没有人改变。", "en": "Nobody changed."},
    "no-events": {"zh-Hans": "没有发生任何事件。", "en": "Nothing happened in either group."},
    "no-variance": {"zh-Hans": "所有人的回答相同。", "en": "Everybody gave the same answer."},
    "not-converged": {
        "zh-Hans": "迭代没有收敛，结果不可靠。",
        "en": "The iteration did not converge: do not rely on it.",
    },
    "overdispersed": {"zh-Hans": "事件比随机更分散，应考虑过度离散。", "en": "Events vary more than chance allows."},
    "single-level": {"zh-Hans": "所有人的回答相同。", "en": "Everybody gave the same answer."},
    "small-base": {"zh-Hans": "样本太小，不宜排名。", "en": "The base is small: show the distribution, rank nobody."},
    "small-expected": {
        "zh-Hans": "有的期望频数小于 5，卡方近似不可靠。",
        "en": "Expected counts below 5: chi-squared is rough here.",
    },
    "small-groups": {"zh-Hans": "有的组很小。", "en": "Some groups are small."},
    "some-answered-both": {
        "zh-Hans": "有 {n} 人两轮都作答，但不到较小一轮的一半：按互相独立比较，p 值偏保守。",
        "en": "{n} people answered both waves, less than half of the smaller one: they are compared as independent, "
        "which errs on the side of caution.",
    },
    "tests-disagree": {
        "zh-Hans": "另一种检验得出不同的结论（p = {pvalue:.3f}）：请两个都看。",
        "en": "Another test of the same difference says otherwise (p = {pvalue:.3f}): read both.",
    },
    "too-few": {"zh-Hans": "回答太少。", "en": "Too few answers."},
    "too-few-for-interval": {"zh-Hans": "回答太少，没有区间。", "en": "Too few answers for an interval."},
    "unpaired": {
        "zh-Hans": "有 {n} 份回答找不到同一人的另一轮回答，未计入。",
        "en": "{n} answers have no answer of the same person in the other wave and are left out.",
    },
    "variant-is-chosen": {
        "zh-Hans": "版本是作答者自己选的：版本之间的差异里，既有版本对回答的影响，也有各版本作答者本身的不同，"
        "两者分不开。",
        "en": "People chose their variant of the form: a difference between variants is one of how they make people "
        "answer and one of who chooses them, and the two cannot be told apart.",
    },
    "variants-differ": {
        "zh-Hans": "{a} 与 {b} 所用的问卷版本构成明显不同：差异可能部分来自版本。请在同一版本内再比较一次，"
        "例如加上 variant:standard。",
        "en": "{a} and {b} answered in clearly different variants of the form: part of a difference may come from the "
        "variant. Compare within one variant as well, for example with variant:standard.",
    },
    "weight-or-cluster-unknown": {
        "zh-Hans": "有 {n} 份有效回答缺少加权或分群所需的项目，未计入加权结果。",
        "en": "{n} valid answers lack an item needed for weighting or clustering and are not in the weighted figures.",
    },
}


def worded(caution: Caution) -> Text:
    """The caution in words; its code where there are none."""
    words = WORDS.get(caution.code, {"en": caution.code})
    return {locale: text.format(**caution.detail) for locale, text in words.items()}
