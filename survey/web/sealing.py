"""Keys made from the one secret, and what is sealed with them: contact data, drafts, sessions."""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Sealer:
    """Seals bytes so that only this service can read them, and tells when somebody changed them."""

    def __init__(self, secret_key: str) -> None:
        self.receipt_secret = _derive(secret_key, b"receipts")
        self._box = Fernet(urlsafe_b64encode(_derive(secret_key, b"sealing")))

    def seal(self, content: bytes) -> bytes:
        """The content, encrypted and authenticated (AES-128-CBC and HMAC-SHA-256)."""
        return self._box.encrypt(content)

    def open(self, sealed: bytes, *, max_age_seconds: int | None = None) -> bytes | None:
        """The content; None when it was not sealed by us, was changed, or is too old."""
        try:
            return self._box.decrypt(sealed, ttl=max_age_seconds)
        except InvalidToken:
            return None


def _derive(secret_key: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"survey " + purpose).derive(secret_key.encode())
