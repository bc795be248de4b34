"""The sampling design a case describes in words, or as R's `svydesign` writes it."""

import re
from dataclasses import replace
from typing import Any

import numpy as np

from survey.analysis.linearised import SurveyDesign, survey_design
from tests.reference.registry import Case
from tests.reference.source import Rows

KEYS = {
    "stratum": r"strata|stratum",
    "psu": r"psus?|ids?|clusters?",
    "ssu": r"ssus?|second|secondary",
    "weight": r"weights?",
    "population": r"fpcs?|population|sizes?",
}
JOINS = {"+", ",", "/", "&", "and", "then"}
FILLERS = 2


def parsed_design(case: Case, rows: Rows) -> SurveyDesign:
    """Strata, clusters of one or two stages, weight, population sizes; without weights, those of the fractions."""
    text = case["design_description"]
    named = {key: _columns(pattern, text, rows) for key, pattern in KEYS.items()}
    psu, population = (*named["psu"], *named["ssu"]), named["population"]
    if len(psu) == 0 and len(population) > 1:
        raise ValueError("two population sizes need clusters")
    parts: dict[str, Any] = {
        "psu": _labels(rows, psu[0]) if psu else None,
        "stratum": _labels(rows, named["stratum"][0]) if named["stratum"] else None,
        "population": rows.numbers(population[0]) if population else None,
    }
    if len(population) > 1:
        parts["second_population"] = rows.numbers(population[1])
        parts["ssu"] = _labels(rows, psu[1]) if len(psu) > 1 else None
    fixed = re.search(r"weights?\s*=?\s*(c\([^)]*\)\[\w+\]|ifelse\(.*\))", text)
    if fixed:
        weights = rows.evaluate(fixed.group(1))
    elif named["weight"]:
        weights = rows.numbers(named["weight"][0])
    else:
        weights = np.ones(rows.size)
        if population and not re.search(r"\b(?:unit|equal|no) weights?\b", text):
            return _by_fraction(survey_design(weights, **parts))
    return survey_design(weights, **parts)


def _by_fraction(design: SurveyDesign) -> SurveyDesign:
    chance = design.fraction[design.stratum]
    if design.second is not None:
        chance = chance * design.second.fraction[design.second.stratum]
    return replace(design, weights=1.0 / chance)


def _columns(key: str, text: str, rows: Rows) -> list[str]:
    """The columns named after a key word: one, or one for each stage."""
    # a remark in brackets ends no list; `svydesign(` opens none
    words = re.findall(r"\w+|[+,/&]", re.sub(r"\s\([^)]*\)", "", text))
    for i, word in enumerate(words):
        if re.fullmatch(key, word, re.IGNORECASE):
            found = _listed(words[i + 1 :], rows, key)
            if found:
                return found
    return []


def _listed(words: list[str], rows: Rows, key: str) -> list[str]:
    start = next((i for i, w in enumerate(words[: FILLERS + 1]) if w in rows.columns), None)
    if start is None or any(_is_key(w) and not re.fullmatch(key, w, re.IGNORECASE) for w in words[:start]):
        return []
    found, rest = [words[start]], words[start + 1 :]
    while len(rest) > 1 and rest[0] in JOINS:
        # "weight weight": the first is the key word, though a column has its name too
        step = 1 if rest[1] in rows.columns else 2
        if len(rest) <= step or rest[step] not in rows.columns or _opens(rest, step, rows):
            break
        found.append(rest[step])
        rest = rest[step + 1 :]
    return found


def _opens(words: list[str], at: int, rows: Rows) -> bool:
    """Whether the word there, or the one before, is a key word with its own column after it."""
    if at == 2 and _is_key(words[1]):
        return True
    return _is_key(words[at]) and at + 1 < len(words) and words[at + 1] in rows.columns


def _is_key(word: str) -> bool:
    return re.fullmatch("|".join(KEYS.values()), word, re.IGNORECASE) is not None


def _labels(rows: Rows, name: str) -> np.ndarray:
    return np.asarray(rows.text(name).astype(str))
