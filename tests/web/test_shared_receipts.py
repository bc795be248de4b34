"""Two ids that come to the same receipt: both responses are kept, and each has a receipt that leads to it alone."""

from uuid import UUID, uuid4

import pytest

from survey.db import responses
from survey.responses import bucket_of, content_hash, next_receipt, receipt_number, receipt_text
from tests.made import HAPPY, response
from tests.web.filling import count, follow, hidden, leave, to_check

URL = "/api/v1/surveys/gov-sat/responses"
ORIGIN = responses.Origin("gov-sat", "2026H2", 1, "standard", "en", "import")


@pytest.fixture
def taken(conn, app):
    """Has somebody else's response kept with the receipt that an id would get; gives that receipt."""

    async def take(id, *, by=receipt_number):
        receipt = by(id, app.state.sealer.receipt_secret)
        await responses.insert_many(conn, [response(id=beside(id), receipt=receipt)])
        return receipt

    return take


def beside(id):
    """Another id, of the same bucket."""
    return next(other for other in iter(uuid4, None) if bucket_of(other) == bucket_of(id))


def row(id, receipt):
    return responses.Row(bucket_of(id), id, "complete", receipt, None, content_hash(str(id)), b"\1" * 20, "{}")


@pytest.mark.parametrize("id", [uuid4(), UUID("01940000-0000-7000-8000-0123456789ab")])
async def test_a_response_whose_receipt_is_anothers_is_kept_with_another(client, conn, publish, taken, id):
    await publish()
    theirs = await taken(id)
    await taken(id, by=lambda *_: next_receipt(theirs))  # and the next is taken, too
    sent = {"id": str(id), "answers": HAPPY}
    first, again = await client.post(URL, json=sent), await client.post(URL, json=sent)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    mine = first.json()["receipt"]
    assert mine == receipt_text(next_receipt(next_receipt(theirs)))
    assert (await client.get(f"/r/{mine}")).status_code == 200
    assert await count(conn) == 3
    other = await client.post(URL, json=sent | {"answers": HAPPY | {"Q3": 4}})
    assert other.status_code == 409


async def test_a_form_whose_receipt_is_anothers_leads_to_its_own(client, conn, publish, taken):
    await publish()
    await publish("h12345-followup")
    check = await to_check(client, {"F0": "1", "F1": "1", "F1a": "1", "F2": "1", "F3": "5"}, slug="h12345-followup")
    theirs = await taken(UUID(hidden(check)["response_id"][0]))
    receipt = await leave(client, check)
    assert str(receipt.url).endswith(f"/r/{receipt_text(next_receipt(theirs))}")
    back = await follow(client, await client.get("/s/h12345-followup/check"))
    assert back.url == receipt.url


async def test_an_import_keeps_two_rows_of_one_receipt(conn, publish):
    await publish()
    here = uuid4()
    new, old = beside(here), beside(here)
    receipt = receipt_number(here, b"secret")
    await responses.insert_many(conn, [response(id=old, receipt=receipt)])
    rows = [row(here, receipt), row(new, receipt), row(old, receipt)]
    async with conn.transaction():
        added, before = await responses.copy_many(conn, ORIGIN, rows)
    assert (added, before.keys()) == ({here, new}, {old})
    kept = await responses.find_many(conn, [here, new, old])
    assert {one.receipt for one in kept.values()} == {
        receipt,
        next_receipt(receipt),
        next_receipt(next_receipt(receipt)),
    }
    for id, one in kept.items():
        assert (await responses.fetch_by_receipt(conn, one.receipt)).id == id
