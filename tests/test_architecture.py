"""The house stays as it was laid out."""

import ast
import re
from pathlib import Path
from typing import get_args

import pytest

import survey
from survey import errors
from survey.forms import items

ROOT = Path(survey.__file__).parent
SQL = re.compile(r"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH|CREATE|ALTER|TRUNCATE|COPY)\s", re.ASCII)
LONGEST_MODULE = 250
ANSWERED = {
    "analysis/disclosure.py": "one method, from threshold to attacker's bounds",
    "analysis/significance/two_samples.py": "three tests of one design; half of it says what they assume",
    "db/cluster.py": "accounts, folders and binaries of one server: read together or not at all",
    "db/embedded.py": "one object with one life cycle",
}
"""Longer modules, and why they are one."""


def modules():
    return sorted(ROOT.rglob("*.py"))


def test_sql_lives_in_db():
    strays = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in modules()
        if (ROOT / "db") not in path.parents
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value)
    ]
    assert strays == []


def test_no_module_is_longer_than_a_reader_holds_in_mind():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in modules()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_MODULE
    }
    assert set(long) <= set(ANSWERED), long


@pytest.mark.parametrize("item", get_args(items.Item), ids=lambda item: item.__struct_config__.tag)
def test_every_question_type_has_a_template_beside_it(item):
    module = Path(ROOT, *item.__module__.split(".")[1:]).with_suffix(".py")
    assert module.with_name(f"{item.__struct_config__.tag}.html").exists()


def test_every_error_has_a_status():
    from survey.web.problems import STATUS

    assert set(STATUS) == {
        error
        for error in vars(errors).values()
        if isinstance(error, type) and issubclass(error, errors.SurveyError) and error is not errors.SurveyError
    }


def test_every_error_is_in_the_tree_that_opens_its_module():
    assert all(error.__name__ in (errors.__doc__ or "") for error in errors.SurveyError.__subclasses__())


def test_published_versions_are_immutable_in_the_schema():
    schema = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT.parent / "migrations").glob("*.sql")))
    assert "BEFORE UPDATE OR DELETE OR TRUNCATE ON instrument" in schema


@pytest.mark.parametrize("table", ["response", "contact"])
async def test_every_unique_key_of_a_growing_table_has_its_distribution_key(conn, table):
    keys = await conn.fetch(
        """
        SELECT pg_get_indexdef(indexrelid) AS definition
          FROM pg_index
         WHERE indrelid = $1::regclass AND indisunique
        """,
        table,
    )
    assert keys
    assert all("bucket" in key["definition"] for key in keys)
    triggers = "SELECT count(*) FROM pg_trigger WHERE tgrelid = $1::regclass AND NOT tgisinternal"
    assert await conn.fetchval(triggers, table) == 0
