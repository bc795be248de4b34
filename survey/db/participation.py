"""Who took which test when, by a hash of the token they came with."""

from datetime import datetime, timedelta

from asyncpg import Connection

from survey.responses import Response


async def take_part(
    conn: Connection, response: Response, token_hash: bytes, *, now: datetime, locked_for: timedelta
) -> datetime | None:
    """Note that this test was taken; when it was taken too recently, the day from which it may be taken again.

    The same response again is a replay, not a second attempt.
    """
    noted = await conn.fetchval(
        """
        INSERT INTO participation (token_hash, survey, instrument_version, response_id, taken_at)
        VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (token_hash, survey, instrument_version)
            DO UPDATE SET response_id = excluded.response_id,
                          taken_at = CASE WHEN participation.response_id = excluded.response_id
                                          THEN participation.taken_at ELSE excluded.taken_at END
                    WHERE participation.taken_at <= $6 OR participation.response_id = excluded.response_id
        RETURNING taken_at
        """,
        token_hash,
        response.survey,
        response.instrument_version,
        response.id,
        now,
        now - locked_for,
    )
    if noted is not None:
        return None
    return await _taken_at(conn, response, token_hash) + locked_for


async def _taken_at(conn: Connection, response: Response, token_hash: bytes) -> datetime:
    taken_at: datetime = await conn.fetchval(
        "SELECT taken_at FROM participation WHERE token_hash = $1 AND survey = $2 AND instrument_version = $3",
        token_hash,
        response.survey,
        response.instrument_version,
    )
    return taken_at
