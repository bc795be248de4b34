"""Keys made from the one secret, and what is sealed with them: contact data, drafts, sessions."""

import os
from base64 import urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_FORM = b"\x01"
"""How what is sealed now begins. What was sealed before is a Fernet token, which begins with a letter."""
_NONCE = 12


class Sealer:
    """Seals bytes so that only this service can read them, and tells when somebody changed them."""

    def __init__(self, secret_key: str) -> None:
        self.receipt_secret = _derive(secret_key, b"receipts")
        self._box = AESGCM(_derive(secret_key, b"rows"))
        self._tokens = Fernet(urlsafe_b64encode(_derive(secret_key, b"sealing")))

    def seal(self, content: bytes) -> bytes:
        """The content for the database, encrypted and authenticated (AES-256-GCM with a random nonce).

        Every page of a form is opened and sealed. A key is good for 2^32 of them (NIST SP 800-38D, 8.3).
        """
        nonce = os.urandom(_NONCE)
        return _FORM + nonce + self._box.encrypt(nonce, content, None)

    def open(self, sealed: bytes) -> bytes | None:
        """The content; None when it was not sealed by us or was changed."""
        if not sealed.startswith(_FORM):
            return self._content(sealed)
        try:
            return self._box.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], None)
        except (InvalidTag, ValueError):  # the second, when it is too short to be anything
            return None

    def token(self, content: bytes) -> str:
        """The content for a cookie, with the time (Fernet: AES-128-CBC and HMAC-SHA-256)."""
        return self._tokens.encrypt(content).decode()

    def content_of(self, token: str, *, max_age_seconds: int) -> bytes | None:
        """The content of a token; None when it is not ours, was changed, or is too old."""
        return self._content(token.encode(), max_age_seconds)

    def _content(self, token: bytes, max_age_seconds: int | None = None) -> bytes | None:
        try:
            return self._tokens.decrypt(token, ttl=max_age_seconds)
        except InvalidToken:
            return None


def _derive(secret_key: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"survey " + purpose).derive(secret_key.encode())
