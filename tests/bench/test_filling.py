"""What the table says of a form over a weak line."""

import pytest

from bench.filling import Filling, Reached, Walk, Way, points, rows


def walks(*seconds: float) -> list[Walk]:
    return [Walk(Reached(one / 2, 5_000, 5, 4), Reached(one, 50_000, 20, 19), 1) for one in seconds]


MEASURED = Filling(
    tuple(Way("standard", scripts, walks(18, 90, 20), walks(1, 2, 3)) for scripts in (False, True)), 12, 12
)


def test_a_walk_stands_beside_what_the_line_alone_costs():
    question, receipt, *_ = points(MEASURED)
    assert (question.weak.seconds, question.plain.seconds) == (10, 1)
    assert question.least == pytest.approx(5 * 0.4 + 0.1)
    assert (receipt.weak.seconds, receipt.slowest, receipt.dropped) == (20, 90, 3)
    assert receipt.ratio == pytest.approx(20 / (20 * 0.4 + 1))


def test_every_way_has_both_points_and_the_table_says_whether_as_many_are_kept_as_were_told():
    *found, kept = rows(MEASURED)
    assert [row[0].partition(", ")[0] for row in found] == ["first question", "receipt"] * 2
    assert kept[2] == "1.00"


def test_without_a_browser_the_table_says_what_to_do():
    (row,) = rows(None)
    assert "make browser" in row[-1]
