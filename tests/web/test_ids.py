"""Ids in the order of time, and the receipts that go with them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from survey.responses import bucket_of, receipt_number
from survey.web.ids import new_id

NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
SECRET = b"secret"


def test_ids_are_of_version_7_and_in_the_order_of_time():
    ids = [new_id(NOW + timedelta(milliseconds=n)) for n in range(1_000)]
    assert ids == sorted(ids)
    assert {(id.version, id.variant) for id in ids} == {(7, UUID(int=1 << 63).variant)}
    assert ids[0].int >> 80 == NOW.timestamp() * 1000
    assert len({new_id(NOW) for _ in range(10_000)}) == 10_000


def test_receipts_of_the_same_days_lie_together_in_their_bucket():
    numbers = [receipt_number(new_id(NOW + timedelta(minutes=n)), SECRET) for n in range(1_000)]
    assert len({number >> 48 & 63 for number in numbers}) == 1
    assert len({number >> 54 for number in numbers}) == 64
    assert len({number & (1 << 48) - 1 for number in numbers}) == 1_000


def test_a_receipt_says_its_bucket_whatever_made_the_id():
    odd = UUID("2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d"), UUID("2c5ea4c0-4067-8bad-9b1d-eb4d3b7d0000"), UUID(int=7 << 76)
    for id in (new_id(NOW), uuid4(), *odd):
        number = receipt_number(id, SECRET)
        assert number >> 54 == bucket_of(id)
        assert number == receipt_number(id, SECRET) != receipt_number(id, b"other")


def test_receipts_of_ids_that_tell_no_time_stay_as_they_were():
    assert receipt_number(UUID("6a0a3ee3-6c8b-4f0e-9d25-1a1f6cbd5a11"), SECRET) == 430_748_415_297_788_081
