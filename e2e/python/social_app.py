"""social-auth (python-social-auth) with its generic OpenID Connect backend, set up as its documentation shows.

`/` says who is logged in, `/refresh` spends the refresh token.
"""

from django.http import JsonResponse
from django.urls import include, path

import django_site
from serving import CLIENT_ID, CLIENT_SECRET, ISSUER

django_site.configure(
    apps=["social_django"],
    AUTHENTICATION_BACKENDS=["social_core.backends.open_id_connect.OpenIdConnectAuth"],
    SOCIAL_AUTH_OIDC_OIDC_ENDPOINT=ISSUER,
    SOCIAL_AUTH_OIDC_KEY=CLIENT_ID,
    SOCIAL_AUTH_OIDC_SECRET=CLIENT_SECRET,
)

from social_django.utils import load_strategy  # noqa: E402 (needs the settings)


def home(request):
    if not request.user.is_authenticated:
        return JsonResponse({}, status=401)
    user = request.user
    tokens = user.social_auth.get(provider="oidc").extra_data
    return JsonResponse({"name": user.get_full_name(), "email": user.email, "id_token": tokens["id_token"]})


def refresh(request):
    request.user.social_auth.get(provider="oidc").refresh_token(load_strategy())
    return JsonResponse({})


urlpatterns = [path("", home), path("refresh", refresh), path("", include("social_django.urls", namespace="social"))]

django_site.run()
