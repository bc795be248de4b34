"""One pass over the bytes gives what counting each group by itself gives, however the responses are cut."""

import numpy as np
import pytest

from survey.evaluation import chunks
from survey.evaluation.coding import MISSING_OF, CodeBook
from survey.evaluation.sample import Sample
from survey.evaluation.scales import person_scores
from survey.evaluation.tallies import tally
from tests.evaluation.samples import instrument


def drawn(slug, n):
    """Responses with every code and every missing state."""
    book = CodeBook(instrument(slug))
    rng = np.random.default_rng(20261124)
    columns = [rng.choice([*range(max(1, len(column.codes))), *MISSING_OF], n) for column in book.columns]
    return Sample(book, np.column_stack(columns).astype(np.uint8))


@pytest.mark.parametrize(("slug", "by"), [("gov-sat", "D3"), ("staff-digital", "A1"), ("h12345-followup", None)])
def test_each_group_is_what_its_rows_are(monkeypatch, slug, by):
    monkeypatch.setattr(chunks, "BLOCK", 700)
    sample = drawn(slug, 2000)
    variable = None if by is None else sample.variable(by)
    found = tally(sample, variable)
    for place, group in enumerate(found):
        mask = np.ones(2000, dtype=bool)
        if variable is not None:
            column = sample.codes[:, variable.place]
            mask = column == place if place < len(variable.codes) else column >= len(variable.codes)
        rows = sample.codes[mask]
        expected = [np.bincount(column, minlength=256) for column in rows.T]
        assert np.array_equal(group.counted, expected)
        for scale in sample.book.instrument.scales:
            scores = person_scores(scale, Sample(sample.book, rows))
            scores = scores[~np.isnan(scores)]
            assert group.scores[scale.id].moments.n == scores.size
            assert group.scores[scale.id].moments.mean == pytest.approx(scores.mean())
            assert group.scores[scale.id].moments.variance == pytest.approx(scores.var(ddof=1))
            mark = getattr(scale, "pass_mark", None)
            assert group.scores[scale.id].passed == (0 if mark is None else (scores >= mark - 1e-9).sum())


def test_of_nobody_there_is_an_empty_tally():
    sample = Sample(CodeBook(instrument("gov-sat")), np.empty((0, 0), dtype=np.uint8))
    assert tally(sample)[0].counted.sum() == 0
