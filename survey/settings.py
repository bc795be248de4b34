"""What the operator can set, read once from the environment and passed down."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from survey.errors import CannotStart

Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]
ORIGIN = re.compile(r"(https://[a-z0-9-]+(\.[a-z0-9-]+)*|http://(localhost|127\.0\.0\.1))(:\d{1,5})?")
"""A site by its whole name: no wildcard, and nobody between it and its readers."""


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
    embed_in: str = ""
    """The sites, with a space between, that may show the invitation to a survey in a frame."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def embedders(self) -> tuple[str, ...]:
        """The sites that may show the invitation to a survey."""
        return tuple(self.embed_in.split())


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
    for origin in settings.embedders:
        if not ORIGIN.fullmatch(origin):
            raise CannotStart(
                "SURVEY_EMBED_IN names '%(origin)s', which is no site: write it like https://www.example.gov",
                origin=origin,
            )
    return settings


def _as_path(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError
