"""What the operator can set, read once from the environment and passed down."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from survey.errors import CannotStart

Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]


class Settings(msgspec.Struct, frozen=True, kw_only=True, rename=lambda name: f"SURVEY_{name.upper()}"):
    """The environment variables, each SURVEY_ and its name in capitals."""

    database_url: str | None = None
    data_dir: Path = Path("var")
    secret_key: str | None = None
    base_url: str | None = None
    host: str = "127.0.0.1"
    port: Port = 8000
    rate_limit: Annotated[int, msgspec.Meta(ge=0)] = 1200
    """Responses a minute from one client address that is not on this machine; 0 for no limit."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings in `environ`; raises CannotStart with the name of a wrong one and why.

    >>> read_settings({"SURVEY_PORT": "eighty"})
    Traceback (most recent call last):
    survey.errors.CannotStart: Expected `int`, got `str` - at `$.SURVEY_PORT`
    """
    ours = {name: value for name, value in environ.items() if name.startswith("SURVEY_") and value != ""}
    try:
        settings = msgspec.convert(ours, Settings, strict=False, dec_hook=_as_path)
    except msgspec.ValidationError as error:
        raise CannotStart(str(error)) from None
    url = settings.database_url
    if url is not None and not url.startswith(("postgresql://", "postgres://")):
        raise CannotStart(
            "SURVEY_DATABASE_URL must begin with postgresql://, for example postgresql://user@host/survey"
        )
    if settings.secret_key is not None and len(settings.secret_key) < 16:
        raise CannotStart("SURVEY_SECRET_KEY is too short: give at least 16 characters")
    return settings


def _as_path(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError
