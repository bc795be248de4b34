"""Who is asking: a bearer token for programs, a sealed session cookie for people."""

from typing import Any

from asyncpg import Connection
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from survey.db import accounts
from survey.db.accounts import Account
from survey.errors import Forbidden, Unauthorized

SESSION_COOKIE = "survey_session"
SESSION_SECONDS = 8 * 60 * 60


def requires(*roles: str) -> Guard:
    """A guard that lets in accounts with one of these roles."""

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        account = await find_account(connection)
        if account is None:
            raise Unauthorized("This needs an account: send its token as “Authorization: Bearer …”, or sign in")
        if account.role not in roles:
            raise Forbidden(
                "This is for %(roles)s accounts; %(name)s is %(role)s",
                roles=", ".join(roles),
                name=account.name,
                role=account.role,
            )
        connection.state.account = account

    return guard


async def find_account(connection: ASGIConnection[Any, Any, Any, Any]) -> Account | None:
    """The account that a request comes from."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    pool = connection.app.state.pool
    if scheme.lower() == "bearer" and token:
        async with pool.acquire() as conn:
            return await accounts.find_account(conn, token.strip())
    cookie = connection.cookies.get(SESSION_COOKIE)
    if not cookie:
        return None
    name = connection.app.state.sealer.content_of(cookie, max_age_seconds=SESSION_SECONDS)
    if name is None:
        return None
    async with pool.acquire() as conn:
        return await accounts.find_account_by_name(conn, name.decode())


async def open_session(
    connection: ASGIConnection[Any, Any, Any, Any], conn: Connection, token: str
) -> tuple[Account, str] | None:
    """Whose token it is and their session cookie; None when nobody has that token."""
    account = await accounts.find_account(conn, token.strip())
    return None if account is None else (account, connection.app.state.sealer.token(account.name.encode()))
