"""Authlib's client for Flask, set up as its documentation shows.

`/` says who is logged in, `/expire` lets the access token run out, `/tabs` calls the issuer four times at once.
"""

import secrets
from concurrent.futures import ThreadPoolExecutor

from authlib.integrations.flask_client import OAuth
from flask import Flask, redirect, session, url_for

from serving import CLIENT_ID, CLIENT_SECRET, ISSUER, ORIGIN, serve

app = Flask(__name__)
app.secret_key = secrets.token_hex()
TOKENS = {}
"""The table in which the documentation keeps tokens."""


def keep(token, **_):
    TOKENS[session["login"]] = token


oauth = OAuth(app)
oauth.register(
    "tessera",
    client_id=CLIENT_ID,
    client_secret=CLIENT_SECRET,
    server_metadata_url=f"{ISSUER}/.well-known/openid-configuration",
    client_kwargs={"scope": "openid profile email"},
    fetch_token=lambda: TOKENS[session["login"]],
    update_token=keep,
)


@app.route("/login")
def login():
    return oauth.tessera.authorize_redirect(url_for("callback", _external=True))


@app.route("/callback")
def callback():
    token = oauth.tessera.authorize_access_token()
    session["login"] = secrets.token_hex()
    keep(token)
    return redirect("/")


@app.route("/")
def home():
    user = oauth.tessera.userinfo()
    token = TOKENS[session["login"]]
    return {"name": user["name"], "email": user["email"], "access_token": token["access_token"]}


@app.route("/expire")
def expire():
    TOKENS[session["login"]]["expires_at"] = 1
    return {}


@app.route("/tabs")
def tabs():
    """Four tabs whose token ran out: each finds the same old one."""
    old = dict(TOKENS[session["login"]], expires_at=1)
    login_id = session["login"]

    def tab(_):
        with app.test_request_context():
            session["login"] = login_id
            return oauth.tessera.userinfo(token=dict(old))["name"]

    with ThreadPoolExecutor() as threads:
        return list(threads.map(tab, range(4)))


@app.route("/logout")
def logout():
    token = TOKENS.pop(session.pop("login"))
    return oauth.tessera.logout_redirect(f"{ORIGIN}/bye", id_token_hint=token["id_token"])


serve(app)
