"""People: who signs in, and the roles that hold over all projects."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone


class UserManager(BaseUserManager["User"]):
    """Makes users; e-mail addresses are kept in lower case."""

    def create_user(self, email: str, password: str | None = None, *, name: str = "", **roles: Any) -> User:
        """One person. `roles`: is_manager, is_auditor, is_administrator, is_finance. No password: an invitation sets it."""
        if not email:
            raise ValueError("A person needs an e-mail address.")
        user = self.model(email=self.normalize_email(email).lower(), name=name or email.split("@")[0], **roles)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """An administrator; Tollgate knows no other superuser."""
        fields.pop("is_superuser", None)
        fields.pop("is_staff", None)
        return self.create_user(email, password, is_administrator=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())


class MailWish(models.TextChoices):
    """How a person wants notices by e-mail. In the portal they always stand."""

    AT_ONCE = "at_once", "at once, one e-mail for each notice"
    DAILY = "daily", "once a day, one e-mail at 07:00 with what is unread"
    NONE = "none", "not at all"


class User(AbstractBaseUser):
    """A person. Roles inside a project live with its members (lifecycle/projects)."""

    email = models.EmailField("e-mail address", max_length=254, unique=True)
    name = models.CharField("name", max_length=120)
    is_active = models.BooleanField(default=True)
    is_manager = models.BooleanField("manager", default=False, help_text="Sees the value of all projects.")
    is_auditor = models.BooleanField("auditor", default=False, help_text="Reads everything, changes nothing.")
    is_administrator = models.BooleanField("administrator", default=False, help_text="Invites people, gives roles.")
    is_finance = models.BooleanField("finance", default=False, help_text="Reads all projects, signs their figures.")
    time_zone = models.CharField("time zone", max_length=64, default="UTC")
    mail_wish = models.CharField("notices by e-mail", max_length=10, choices=MailWish.choices, default=MailWish.AT_ONCE)
    date_joined = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="person_email_once"),
            models.CheckConstraint(condition=models.Q(mail_wish__in=MailWish.values), name="person_mail_wish_known"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    @property
    def mail_notices(self) -> bool:
        """Whether notices are mailed at all. Set to False: not at all; to True: at once, unless mailed already."""
        return self.mail_wish != MailWish.NONE

    @mail_notices.setter
    def mail_notices(self, wanted: bool) -> None:
        if wanted != self.mail_notices:
            self.mail_wish = MailWish.AT_ONCE if wanted else MailWish.NONE

    @property
    def sees_all(self) -> bool:
        """Managers, auditors, administrators and finance read every project; none of these roles may decide by it."""
        return self.is_active and (self.is_manager or self.is_auditor or self.is_administrator or self.is_finance)

    @property
    def initials(self) -> str:
        """One or two letters for small places."""
        parts = self.name.split()
        return "".join(part[0] for part in (parts[:1] + parts[-1:] if len(parts) > 1 else parts)).upper() or "?"


class ApiToken(models.Model):
    """A token for scripts. Only its SHA-256 is kept: the text is shown once, when it is made."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @staticmethod
    def digest_of(text: str) -> str:
        """SHA-256 of the token's text; a token has 256 random bits, so a slow hash adds nothing."""
        return hashlib.sha256(text.encode()).hexdigest()

    @classmethod
    def make(cls, *, user: User, name: str, expires_at: datetime | None = None) -> tuple[ApiToken, str]:
        """A new token and its text."""
        text = f"tg_{secrets.token_urlsafe(32)}"
        token = cls.objects.create(
            user=user, name=name, prefix=text[:9], digest=cls.digest_of(text), expires_at=expires_at
        )
        return token, text

    @property
    def is_usable(self) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())
