"""How passwords are kept."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class PasswordHasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes and one lane: the first choice of OWASP's Password Storage Cheat Sheet (2024).

    Every signature asks for the password. Django's own cost of Argon2 takes 100 MiB and several cores for each check.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
