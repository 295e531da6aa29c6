"""mozilla-django-oidc in a Django project, set up as its documentation shows.

`/` says who is logged in, `/expire` lets the session be asked about again, which the library does by `prompt=none`.
"""

from urllib.parse import urlencode

from django.http import JsonResponse
from django.urls import include, path

import django_site
from serving import CLIENT_ID, CLIENT_SECRET, ISSUER, ORIGIN

django_site.configure(
    apps=["mozilla_django_oidc"],
    middleware=["mozilla_django_oidc.middleware.SessionRefresh"],
    AUTHENTICATION_BACKENDS=["mozilla_django_oidc.auth.OIDCAuthenticationBackend"],
    OIDC_EXEMPT_URLS=["/expire"],
    OIDC_RP_CLIENT_ID=CLIENT_ID,
    OIDC_RP_CLIENT_SECRET=CLIENT_SECRET,
    OIDC_RP_SIGN_ALGO="RS256",
    OIDC_OP_JWKS_ENDPOINT=f"{ISSUER}/jwks",
    OIDC_OP_AUTHORIZATION_ENDPOINT=f"{ISSUER}/authorize",
    OIDC_OP_TOKEN_ENDPOINT=f"{ISSUER}/token",
    OIDC_OP_USER_ENDPOINT=f"{ISSUER}/userinfo",
    OIDC_OP_LOGOUT_URL_METHOD="__main__.logout_url",
    OIDC_STORE_ID_TOKEN=True,
)


def home(request):
    if not request.user.is_authenticated:
        return JsonResponse({}, status=401)
    renewal = request.session["oidc_id_token_expiration"]
    return JsonResponse({"email": request.user.email, "renewal": renewal})


def expire(request):
    request.session["oidc_id_token_expiration"] = 0
    return JsonResponse({})


def logout_url(request):
    hint = request.session["oidc_id_token"]
    return f"{ISSUER}/logout?" + urlencode({"id_token_hint": hint, "post_logout_redirect_uri": f"{ORIGIN}/bye"})


urlpatterns = [path("", home), path("expire", expire), path("oidc/", include("mozilla_django_oidc.urls"))]

django_site.run()
