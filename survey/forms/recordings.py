"""Recorded audio of an instrument's questions: which files it names, and whether they can be kept and played."""

import re
from collections.abc import Iterator, Mapping

import msgspec

from survey.forms.flaws import Flaw, spots
from survey.forms.instrument import Instrument
from survey.forms.items import Matrix
from survey.forms.wording import Audio

LARGEST = 512 * 1024
"""Bytes of one recording: a minute and a half of speech, and not too much for a weak line."""
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}\.(mp3|m4a)")
MEDIA_TYPES = {"mp3": "audio/mpeg", "m4a": "audio/mp4"}
"""What browsers play: MP3 all of them, AAC all but a few that are built without it."""
SAMPLES = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")
"""The way to how a track of an MP4 is coded (ISO/IEC 14496-12)."""


class Recording(msgspec.Struct, frozen=True):
    """A file that an instrument names, and where."""

    place: str
    locale: str
    file: str


def recordings(instrument: Instrument) -> Iterator[Recording]:
    """Every recording that the instrument names."""
    for place, audio in _audio(instrument):
        for locale, recorded in audio.items():
            for register, file in (("standard", recorded.standard), ("simple", recorded.simple)):
                if file:
                    yield Recording(f"{place}.{locale}.{register}", locale, file)


def _audio(instrument: Instrument) -> Iterator[tuple[str, Audio]]:
    for spot in spots(instrument):
        item = spot.asked.item
        yield f"{spot.place}.item.audio", item.audio
        for n, row in enumerate(item.rows if isinstance(item, Matrix) else ()):
            yield f"{spot.place}.item.rows[{n}].audio", row.audio
        for n, piped in enumerate(spot.asked.piped):
            yield f"{spot.place}.piped[{n}].audio", piped.audio
    for n, variant in enumerate(instrument.variants):
        for item_id, override in variant.overrides.items():
            yield f"$.variants[{n}].overrides.{item_id}.audio", override.audio


def unusable_names(instrument: Instrument) -> Iterator[Flaw]:
    """A name that is no recording's, or a language that nobody reads the instrument in."""
    for one in recordings(instrument):
        if not FILE_NAME.fullmatch(one.file):
            message = f'"{one.file}" cannot be played everywhere; name a file .mp3 or .m4a, without folders.'
            yield Flaw("recording-type", one.place, message)
        if one.locale not in instrument.locales:
            message = f'The instrument has no language "{one.locale}"; add it, or drop the recording.'
            yield Flaw("unknown-reference", one.place, message)


def unusable_files(instrument: Instrument, files: Mapping[str, bytes]) -> tuple[Flaw, ...]:
    """What is wrong with the files themselves; of one that is too large the beginning is enough."""
    flaws = {one.file: _flaw(one, files) for one in recordings(instrument) if FILE_NAME.fullmatch(one.file)}
    return tuple(flaw for flaw in flaws.values() if flaw is not None)


def _flaw(one: Recording, files: Mapping[str, bytes]) -> Flaw | None:
    content = files.get(one.file)
    if content is None:
        return Flaw("recording-missing", one.place, f'There is no file "{one.file}"; put it beside the definition.')
    if len(content) > LARGEST:
        message = f'"{one.file}" has more than {LARGEST // 1024} KB; make it shorter, or 48 kbit/s and mono.'
        return Flaw("recording-size", one.place, message)
    if not _is_what_it_says(one.file, content):
        message = (
            f'"{one.file}" holds something else than its ending says, such as lossless sound that browsers do not '
            "play; save it anew as MP3 or AAC."
        )
        return Flaw("recording-type", one.place, message)
    return None


def media_type(file: str) -> str:
    """What a browser is told that a file is."""
    return MEDIA_TYPES[file.rpartition(".")[2]]


def _is_what_it_says(file: str, content: bytes) -> bool:
    """Whether a file begins as its kind does: what is served as audio must not be anything else."""
    if file.endswith(".m4a"):
        return content[4:8] == b"ftyp" and b"mp4a" in _codings(content, SAMPLES)
    is_frame = len(content) > 4 and content[0] == 0xFF and content[1] & 0xE0 == 0xE0 and content[1] & 0x06 == 0x02
    return is_frame or content[:3] == b"ID3"


def _codings(content: bytes, path: tuple[bytes, ...]) -> set[bytes]:
    """How the tracks of an MP4 are coded; of a box within it, with the rest of the path."""
    if not path:
        return {kind for kind, _ in _boxes(content[8:])}
    return {coding for kind, inner in _boxes(content) if kind == path[0] for coding in _codings(inner, path[1:])}


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The boxes that follow each other, each with what it holds."""
    while len(content) >= 8:
        size, kind, head = int.from_bytes(content[:4], "big"), content[4:8], 8
        if size == 1:
            size, head = int.from_bytes(content[8:16], "big"), 16
        elif size == 0:
            size = len(content)
        if size < head:
            return
        yield kind, content[head:size]
        content = content[size:]
