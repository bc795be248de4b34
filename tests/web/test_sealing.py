"""What is sealed is read by whoever has the secret, and by nobody else; what was sealed long ago still is."""

from base64 import urlsafe_b64encode

import pytest
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from survey.web.sealing import Sealer

SECRET = "only for tests, 16+"
CONTENT = "八点到十二点 +8613800138000".encode()


def test_what_is_sealed_is_opened_with_the_same_secret_alone():
    sealed = Sealer(SECRET).seal(CONTENT)
    assert Sealer(SECRET).open(sealed) == CONTENT
    assert Sealer("another secret").open(sealed) is None
    assert CONTENT not in sealed


def test_the_same_content_is_never_sealed_the_same_way_twice():
    assert len({Sealer(SECRET).seal(CONTENT) for _ in range(100)}) == 100


def test_a_change_of_any_byte_is_noticed():
    sealed = Sealer(SECRET).seal(CONTENT)
    for place in range(len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        assert Sealer(SECRET).open(changed) is None


@pytest.mark.parametrize("cut", [b"", b"\x01", b"\x01" + bytes(12), b"\x01" + bytes(27), b"nothing yet"])
def test_what_is_cut_short_is_not_taken_for_anything(cut):
    assert Sealer(SECRET).open(cut) is None


def test_what_was_sealed_before_aes_gcm_is_still_opened():
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"survey sealing").derive(SECRET.encode())
    assert Sealer(SECRET).open(Fernet(urlsafe_b64encode(key)).encrypt(CONTENT)) == CONTENT


def test_a_token_is_good_for_a_while_and_is_no_token_of_the_database():
    sealer = Sealer(SECRET)
    token = sealer.token(CONTENT)
    assert sealer.content_of(token, max_age_seconds=60) == CONTENT
    assert sealer.content_of(token, max_age_seconds=-1) is None
    assert Sealer("another secret").content_of(token, max_age_seconds=60) is None
    assert sealer.content_of(sealer.seal(CONTENT).decode("latin-1"), max_age_seconds=60) is None
