"""Column letters: which shares of a table are significantly larger than which others."""

import string

import msgspec

from survey.analysis.checks import BadData, in_open_unit
from survey.analysis.results import PairwiseResult


class Letters(msgspec.Struct, frozen=True, kw_only=True):
    """Of one group: its own letter, the letters it is larger than, and those it could not be tested against."""

    letter: str
    larger_than: tuple[str, ...]
    untested: tuple[str, ...]


def column_letters(result: PairwiseResult, *, alpha: float = 0.05) -> tuple[Letters, ...]:
    r"""Give each group the letters of the groups whose share is significantly smaller.

    Group a gets the letter of b where :math:`p_a>p_b` and the adjusted p-value is below `alpha`. Letters run A..Z,
    AA, AB... in the order of the groups.

    Notes
    -----
    Assumes what `pairwise_proportions` assumes. No letter does not mean that two shares are equal. For weighted shares
    give that test the effective base of each group (`kish`).

    References
    ----------
    IBM Corp. (2021). IBM SPSS Custom Tables 28, column proportions tests.

    Examples
    --------
    >>> from survey.analysis.significance.post_hoc import pairwise_proportions
    >>> shares = pairwise_proportions([90, 60, 55, 0], [100, 100, 100, 0])
    >>> [(group.letter, "".join(group.larger_than), "".join(group.untested)) for group in column_letters(shares)]
    [('A', 'BC', 'D'), ('B', '', 'D'), ('C', '', 'D'), ('D', '', 'ABC')]
    """
    in_open_unit(alpha, "alpha")
    if result.test != "pairwise_proportions":
        raise BadData("result", "must come from pairwise_proportions")
    names = [letter_of(i) for i in range(len(result.n))]
    larger: list[list[str]] = [[] for _ in names]
    untested: list[list[str]] = [[] for _ in names]
    for pair in result.comparisons:
        a, b = pair.first, pair.second
        if pair.adjusted_pvalue is None or pair.difference is None or pair.difference.value is None:
            untested[a].append(names[b])
            untested[b].append(names[a])
        elif pair.adjusted_pvalue < alpha:
            above, below = (a, b) if pair.difference.value > 0 else (b, a)
            larger[above].append(names[below])
    return tuple(
        Letters(letter=name, larger_than=tuple(over), untested=tuple(none))
        for name, over, none in zip(names, larger, untested, strict=True)
    )


def letter_of(index: int) -> str:
    """As spreadsheets name their columns."""
    before, last = divmod(index, 26)
    return (letter_of(before - 1) if before else "") + string.ascii_uppercase[last]
