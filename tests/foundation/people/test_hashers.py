"""Passwords are kept by Argon2id, and older hashes go on to hold."""

from __future__ import annotations

from django.contrib.auth.hashers import check_password, identify_hasher, make_password
from django.test import override_settings

from portal import settings

KEPT = override_settings(PASSWORD_HASHERS=settings.PASSWORD_HASHERS)


@KEPT
def test_a_password_is_kept_by_argon2id_with_the_cost_that_is_named() -> None:
    kept = make_password("correct horse")
    assert kept.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert check_password("correct horse", kept)
    assert not check_password("correct house", kept)


@KEPT
def test_an_older_hash_holds_and_is_made_anew_when_it_is_used() -> None:
    older = make_password("correct horse", hasher="pbkdf2_sha256")
    renewed: list[str] = []
    assert check_password("correct horse", older, setter=lambda raw: renewed.append(make_password(raw)))
    assert identify_hasher(renewed[0]).algorithm == "argon2"
