"""requests-oauthlib with automatic refresh, in a Flask application, set up as its documentation shows.

`/` says who is logged in, `/expire` lets the access token run out, `/tabs` calls the issuer four times at once.
"""

import os
import secrets
from concurrent.futures import ThreadPoolExecutor

from flask import Flask, redirect, request, session
from requests_oauthlib import OAuth2Session

from serving import CLIENT_ID, CLIENT_SECRET, ISSUER, ORIGIN, serve

# The documentation's switch for an issuer on this machine.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

app = Flask(__name__)
app.secret_key = secrets.token_hex()
TOKENS = {}
CALLBACK = f"{ORIGIN}/callback"
SCOPE = ["openid", "profile", "email"]
TOKEN_URL = f"{ISSUER}/token"


@app.route("/login")
def login():
    issuer = OAuth2Session(CLIENT_ID, redirect_uri=CALLBACK, scope=SCOPE)
    url, session["state"] = issuer.authorization_url(f"{ISSUER}/authorize")
    return redirect(url)


@app.route("/callback")
def callback():
    issuer = OAuth2Session(CLIENT_ID, redirect_uri=CALLBACK, scope=SCOPE, state=session.pop("state"))
    token = issuer.fetch_token(TOKEN_URL, client_secret=CLIENT_SECRET, authorization_response=request.url)
    session["login"] = secrets.token_hex()
    TOKENS[session["login"]] = token
    return redirect("/")


def userinfo(login_id, token):
    issuer = OAuth2Session(
        CLIENT_ID,
        token=token,
        auto_refresh_url=TOKEN_URL,
        auto_refresh_kwargs={"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
        token_updater=lambda new: TOKENS.update({login_id: new}),
    )
    answer = issuer.get(f"{ISSUER}/userinfo")
    answer.raise_for_status()
    return answer.json()


@app.route("/")
def home():
    user = userinfo(session["login"], TOKENS[session["login"]])
    access_token = TOKENS[session["login"]]["access_token"]
    return {"name": user["name"], "email": user["email"], "access_token": access_token}


def expired(token):
    return dict(token, expires_in=-30, expires_at=1)


@app.route("/expire")
def expire():
    TOKENS[session["login"]] = expired(TOKENS[session["login"]])
    return {}


@app.route("/tabs")
def tabs():
    """Four tabs whose token ran out: each finds the same old one."""
    login_id, old = session["login"], expired(TOKENS[session["login"]])
    with ThreadPoolExecutor() as threads:
        return list(threads.map(lambda _: userinfo(login_id, dict(old))["name"], range(4)))


serve(app)
