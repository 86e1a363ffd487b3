"""REST of the room: tokens."""

from __future__ import annotations

from django.contrib.auth.hashers import make_password
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from foundation.people import selectors, services
from foundation.people.models import ApiToken, User
from foundation.web.refused import Refused


class TokenRequest(serializers.Serializer[User]):
    """Sign-in of a script's owner."""

    email = serializers.EmailField()
    password = serializers.CharField(trim_whitespace=False)
    code = serializers.CharField(
        max_length=40, default="", allow_blank=True, help_text="Where a second factor is set up: a code of it."
    )
    name = serializers.CharField(max_length=80, default="API")
    days = serializers.IntegerField(min_value=1, max_value=services.TOKEN_DAYS, default=services.TOKEN_DAYS)


class TokenRow(serializers.ModelSerializer[ApiToken]):
    """A token without its text."""

    class Meta:
        model = ApiToken
        fields = ["id", "name", "prefix", "created_at", "last_used_at", "expires_at"]


class TokenMade(TokenRow):
    """A token with its text, once."""

    token = serializers.CharField(read_only=True)

    class Meta(TokenRow.Meta):
        fields = [*TokenRow.Meta.fields, "token"]


class Tokens(ListAPIView[ApiToken]):
    """The own tokens; a new one for e-mail and password."""

    serializer_class = TokenRow
    queryset = ApiToken.objects.none()
    throttle_scope = "token"

    def get_permissions(self) -> list[AllowAny | IsAuthenticated]:
        return [AllowAny() if self.request.method == "POST" else IsAuthenticated()]

    def get_throttles(self) -> list[ScopedRateThrottle]:  # type: ignore[override]
        return [ScopedRateThrottle()] if self.request.method == "POST" else super().get_throttles()  # type: ignore[return-value]

    def get_queryset(self):  # type: ignore[no-untyped-def]  # noqa: ANN201 - DRF's own signature
        return selectors.tokens_of(self.request.user)  # type: ignore[arg-type]

    @extend_schema(request=TokenRequest, responses={201: TokenMade}, auth=[])
    def post(self, request: Request) -> Response:
        """Make a token. An unknown person, a wrong password and a locked one get the same answer."""
        asked = TokenRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        person = User.objects.filter(email=given["email"].lower(), is_active=True).first()
        try:
            if person is None:
                make_password(given["password"])  # takes as long as a check would
                raise Refused("", code="password_wrong")
            services.prove_signer(actor=person, password=given["password"], code=given["code"])
        except Refused as refused:
            if refused.field == "code":
                # The password was right, so this tells nobody else anything.
                raise
            raise Refused(
                "E-mail address and password do not fit together. After five failures wait 15 minutes.",
                code="sign_in_failed",
                status=403,
            ) from None
        token, text = services.make_token(actor=person, name=given["name"], days=given["days"])
        return Response({**TokenRow(token).data, "token": text}, status=status.HTTP_201_CREATED)


class Token(APIView):
    """One of the own tokens."""

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, token_id: int) -> Response:
        """Revoke it."""
        token = get_object_or_404(ApiToken, pk=token_id, user_id=request.user.pk)
        services.revoke_token(actor=token.user, token=token)
        return Response(status=status.HTTP_204_NO_CONTENT)
