"""An instrument with recordings: a second of silence as a real MP3 file, a second of 440 Hz as real AAC."""

from pathlib import Path

import msgspec

from tests.conftest import INSTRUMENTS

SILENCE = (b"\xff\xfb\x90\x64" + bytes(413)) * 40
"""Frames of MPEG-1 Layer III at 128 kbit/s, in which nothing is heard."""
OTHER = b"ID3" + SILENCE
AAC = (Path(__file__).parent / "tone.m4a").read_bytes()
LOSSLESS = AAC.replace(b"mp4a", b"alac")
"""As recorders of telephones write when they are set to lossless."""
UNHEARD = AAC.replace(b"\x40\x15\0", b"\xdd\x15\0")
"""AAC by its sample entry, something unknown to its decoder: what a browser without AAC meets."""
SPOKEN = {"type-simple.mp3": SILENCE, "type.m4a": AAC, "contact.mp3": OTHER}


def spoken() -> dict:
    """The shipped housing survey, of which two questions are recorded in Chinese."""
    definition = msgspec.json.decode((INSTRUMENTS / "housing.json").read_bytes())
    first, second = (asked["item"] for asked in definition["sections"][0]["asked"][:2])
    first["audio"] = {"zh-Hans": {"standard": "type.m4a", "simple": "type-simple.mp3"}}
    second["audio"] = {"zh-Hans": {"standard": "contact.mp3"}}
    return definition


def written(definition: dict) -> str:
    """The definition as it stands in a file."""
    return msgspec.json.encode(definition).decode()
