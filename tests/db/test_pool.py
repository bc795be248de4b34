"""First come, first served."""

import asyncio

from survey.db.pool import FairPool, create_pool


async def test_whoever_waits_longest_gets_the_next_connection(database_url):
    async with await create_pool(database_url, min_size=1, max_size=1) as pool:
        fair = FairPool(pool)
        served: list[int] = []

        async def visit(number: int) -> None:
            for _ in range(3):
                async with fair.acquire():
                    served.append(number)
                    await asyncio.sleep(0.001)

        await asyncio.gather(*(visit(number) for number in range(5)))
    assert served == [*range(5)] * 3
