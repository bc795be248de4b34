"""Every public method of the analysis, spoiled by one argument: an error names it, or there is a result without NaN."""

import importlib
import inspect
import math
import pkgutil
import warnings
from typing import Any

import msgspec
import numpy as np
import pytest

import survey.analysis
from survey.analysis.checks import BadData
from tests.analysis.estimators import CALLS


def _each(value: Any, change) -> Any:
    return [_each(one, change) for one in value] if isinstance(value, list) else change(value)


def _first(value: Any, new: float) -> Any:
    if not isinstance(value, list):
        return new
    return [_first(value[0], new), *value[1:]]


SPOILS = {
    "empty": lambda v: [] if isinstance(v, list) else None,
    "one": lambda v: v[:1] if isinstance(v, list) else None,
    "longer": lambda v: [*v, v[-1]] if isinstance(v, list) else None,
    "deeper": lambda v: [v] if isinstance(v, list) else None,
    "zero": lambda v: _each(v, lambda _: 0.0),
    "one zero": lambda v: _first(v, 0.0),
    "alike": lambda v: _each(v, lambda _: 1.0),
    "negative": lambda v: _first(v, -1.0),
    "nan": lambda v: _first(v, math.nan),
    "infinite": lambda v: _first(v, math.inf),
    "fraction": lambda v: _first(v, 0.5),
    "huge": lambda v: _each(v, lambda one: one * 2.0**40 if isinstance(one, int | float) else one),
}
INSIDE = {"checks", "distributions", "results", "sufficient"}
"""Modules that others stand on: their arguments are checked where they come in."""
HELPERS = """
auc bias_reduced binomial_cdf binomial_pmf binomial_sf binomial_test calibration_checked
calibration_leverage calibration_residual cells_of cliffs_delta cliffs_variance codes_of
correlations correlations_of covariance_of delong_variance design_variance estimate_of exact_tails
fitted_to from_the_first given_away group_means hedges_correction hypercubes hypergeometric_pmf
item_rest_correlations leans mean_influence midranks nearly_the_same needed neighbours
noncentrality_chi2 noncentrality_t normal_z one_factor pooled_variance reduced_mean rows_of_units
shares_of signed_tails smallest_pattern stage_of studentized_range_quantile studentized_range_sf
t_interval tie_sum u_statistic u_variance values_for wald_chi2 wald_f weights_checked weights_of
whole_influence without_empty
"""
"""What methods are built of: it is given what they have checked already."""
STRUCTURED = {("attacker_bounds", "hidden"), ("suppress_linked", "relations")}
"""Lists of places in a table, and of places with signs: their types say what they are."""
WHOLE = {("Counts.tabulate", "levels"), ("Counts.tabulate", "groups")}
"""Integers by type."""


def numbers(result: Any) -> list[Any]:
    """Every number anywhere in a result."""
    match result:
        case float() | np.floating():
            return [float(result)]
        case dict():
            return [one for part in result.values() for one in numbers(part)]
        case list() | tuple() | set() | frozenset():
            return [one for part in result for one in numbers(part)]
        case np.ndarray():
            return [float(one) for one in result.ravel()] if result.dtype.kind == "f" else []
        case msgspec.Struct():
            return [one for name in result.__struct_fields__ for one in numbers(getattr(result, name))]
        case _:
            return []


def _is_spoilable(value: Any) -> bool:
    return isinstance(value, list | int | float) and not isinstance(value, bool)


CASES = [
    (name, argument, how)
    for name, (_, arguments) in CALLS.items()
    for argument, value in arguments.items()
    if _is_spoilable(value) and (name, argument) not in STRUCTURED | WHOLE
    for how, spoil in SPOILS.items()
    if spoil(value) is not None
]


def what_is_wrong(name: str, argument: str, how: str) -> str | None:
    """Nothing, or what a spoiled call did beside naming the argument or giving numbers."""
    function, arguments = CALLS[name]
    spoiled = {**arguments, argument: SPOILS[how](arguments[argument])}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            result = function(**spoiled)
        except BadData:
            return None
        except Exception as error:
            return f"{type(error).__name__}: {error}"
    return "NaN" if any(math.isnan(one) for one in numbers(result)) else None


@pytest.mark.parametrize("name", CALLS)
def test_a_spoiled_argument_is_named_or_does_no_harm(name):
    wrong = {
        (argument, how): found
        for one, argument, how in CASES
        if one == name
        if (found := what_is_wrong(name, argument, how))
    }
    assert wrong == {}


def public_methods() -> set[str]:
    """Every public function that the modules of the analysis define, beside the registered tests."""
    found = set()
    for info in pkgutil.iter_modules(survey.analysis.__path__, "survey.analysis."):
        if info.ispkg or info.name.rpartition(".")[2] in INSIDE:
            continue
        module = importlib.import_module(info.name)
        for name, one in vars(module).items():
            if inspect.isfunction(one) and one.__module__ == info.name and not name.startswith("_"):
                found.add(name)
    return found


def test_every_public_method_is_spoiled():
    assert public_methods() - set(CALLS) - set(HELPERS.split()) == set()
