"""NUMBERS: arrays or counts in, frozen Structs out. Has never heard of surveys.

What is computed from what:

- `sufficient`: `Counts`, `Moments`, `CrossProducts` - all that most methods need, mergeable across chunks and nodes;
- `estimation`, `proportions`, `contrasts`, `effects`, `composites`, `bootstrap`: a number and its interval;
- `significance`: one test = one decorated function, listed in `significance.TESTS`;
- `equivalence`, `multiplicity`, `power`: what a p-value alone does not say;
- `weighting`, `linearised`, `calibrated`, `clusters`: weights, and the one variance engine
  "influence values -> design variance";
- `reliability`, `omega`, `items`, `drivers`, `agreement`: scales, test items, what moves the whole;
- `disclosure`: which cells may be shown;
- `results`: what all of them return. `checks`: what all of them refuse.

Every method has a heading in docs/methods.md and a reference value in tests/reference.
"""
