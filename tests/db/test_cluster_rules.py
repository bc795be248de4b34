"""What a cluster needs of the schema: keys, references and joins that stay on one node (deploy/citus)."""

import ast
import re
from pathlib import Path

import pytest

import survey.db

STATEMENTS = (Path(__file__).parents[2] / "deploy" / "citus" / "distribute.sql").read_text(encoding="utf-8")
SPREAD = dict(re.findall(r"create_distributed_table\('(\w+)', '(\w+)'", STATEMENTS))
COPIED = set(re.findall(r"create_reference_table\('(\w+)'", STATEMENTS))
STAY = set(re.findall(r"\w+", re.search(r"Stay on the coordinator: (.*)\.", STATEMENTS).group(1)))
TOGETHER = {table for table, key in SPREAD.items() if key == "bucket"}


async def test_every_table_has_its_place(conn):
    tables = {row[0] for row in await conn.fetch("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")}
    assert tables == {*SPREAD, *COPIED, *STAY}
    assert len(tables) == len(SPREAD) + len(COPIED) + len(STAY)


async def test_every_unique_key_has_the_column_its_table_is_spread_by(conn):
    rows = await conn.fetch(
        """
        SELECT indrelid::regclass::text AS table, indexrelid::regclass::text AS index,
               (SELECT array_agg(attname::text) FROM pg_attribute
                 WHERE attrelid = indrelid AND attnum = ANY (indkey)) AS columns
          FROM pg_index
         WHERE indisunique AND indrelid::regclass::text = ANY ($1)
        """,
        list(SPREAD),
    )
    assert {row["table"] for row in rows} == set(SPREAD)
    for row in rows:
        assert SPREAD[row["table"]] in row["columns"], row["index"]


async def test_references_lead_to_what_every_node_has(conn):
    rows = await conn.fetch(
        "SELECT conrelid::regclass::text AS from, confrelid::regclass::text AS to FROM pg_constraint "
        "WHERE contype = 'f'"
    )
    assert rows
    for row in rows:
        assert row["from"] in {*SPREAD, *COPIED}
        assert row["to"] in COPIED


async def test_nothing_that_grows_has_triggers_or_sequences(conn):
    triggers = await conn.fetch(
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text = ANY ($1)", list(SPREAD)
    )
    assert triggers == []
    sequences = await conn.fetch(
        "SELECT column_name FROM information_schema.columns WHERE table_name = ANY ($1) "
        "AND (is_identity = 'YES' OR column_default LIKE 'nextval%')",
        list(SPREAD),
    )
    assert sequences == []


def statements():
    """Every text in the database modules that reads more than one of the tables that grow."""
    for module in sorted(Path(survey.db.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            read = set(re.findall(r"\b(?:FROM|JOIN)\s+(\w+)", text)) & set(SPREAD)
            # a part of a statement that looks into one table for each row of another
            if len(read) > 1 or (read and re.search(r"EXISTS \(SELECT FROM", text) and "response." in text):
                yield pytest.param(read, text, id=f"{module.stem}-{node.lineno}")


@pytest.mark.parametrize(("read", "text"), list(statements()))
def test_what_is_joined_lies_on_one_node(read, text):
    assert read <= TOGETHER
    assert re.search(r"(\w+)\.bucket = (?!\1)\w+\.bucket|USING \(bucket", text)


def test_the_joins_are_found():
    assert list(statements())
