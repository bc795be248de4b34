"""Text as people see it: how many characters it has, and what of it was never meant to be written."""

import re

import regex

CLUSTER = regex.compile(r"\X")
BREAKS = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
SPACES = re.compile(r"[\t\xa0\u2000-\u200a\u202f\u205f]")
UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
"""Controls, soft hyphens, widthless spaces, and orders to write backwards. Not the joiners and direction marks of
emoji, Persian and Hindi: there they are part of the spelling."""


def length(text: str) -> int:
    r"""How many characters a person counts: grapheme clusters of Unicode.

    >>> [length(text) for text in ("长辈", "𠮷", "👨‍👩‍👧‍👦", "e\u0301", "நி")]
    [2, 1, 1, 1, 1]
    """
    return len(text) if text.isascii() else len(CLUSTER.findall(text))


def is_longer(text: str, most: int) -> bool:
    """Whether a person counts more characters than that; counted only where it matters."""
    return len(text) > most and length(text) > most


def plain(text: str, *, lines: bool = True) -> str:
    r"""Text without what comes along when it is pasted from elsewhere; one line of it unless `lines` are wanted.

    What is left is kept as it was written. It is not normalised (NFC): that would exchange rare characters in names.

    >>> plain("请\xa0看\u200b\r\n这里 "), plain("a\nb", lines=False)
    ('请 看\n这里', 'a b')
    """
    text = BREAKS.sub("\n" if lines else " ", text)
    return UNSEEN.sub("", SPACES.sub(" ", text)).strip()
