"""Which ids the rows of an imported table get: side by side, and the same for ever."""

from survey.responses import bucket_of
from tests.cli.test_import_responses import ARGUMENTS, PEOPLE, write_csv


async def test_rows_of_a_table_lie_side_by_side(program, conn, publish, tmp_path):
    """In the index of ids and in that of receipts, in each bucket."""
    await publish()
    file = write_csv(tmp_path / "people.csv", [[*PEOPLE[1][:7], f"no. {number}", 5] for number in range(300)])
    await program(*ARGUMENTS, file)
    found = await conn.fetch("SELECT id, receipt, bucket FROM response")
    assert len({str(row["id"])[:15] for row in found}) == 1
    assert len({row["receipt"] >> 48 & 63 for row in found}) == 1
    assert len({row["receipt"] for row in found}) == 300
    assert all(row["receipt"] >> 54 == row["bucket"] == bucket_of(row["id"]) for row in found)


async def test_a_wave_older_than_the_order_of_ids_keeps_those_that_it_has(program, conn, publish, tmp_path):
    """Written down before the change: the same table again is the same responses."""
    await publish()
    await conn.execute("UPDATE wave SET scattered = true")
    file = write_csv(tmp_path / "people.csv", PEOPLE[1:])
    assert (await program(*ARGUMENTS, file)).out == "4 kept, 0 already there, 0 rejected\n"
    assert {str(row["id"]) for row in await conn.fetch("SELECT id FROM response")} == {
        "43e30a50-8e1a-5c4e-82ef-fc9c78dc8037",
        "aad5ed54-6462-5919-b235-38d7d47713e5",
        "e6262e85-dbb0-5d03-a632-a3a7c944cce0",
        "f23f4c84-1a52-5e73-aab6-4ed22cc62389",
    }
    assert (await program(*ARGUMENTS, file)).out == "0 kept, 4 already there, 0 rejected\n"
