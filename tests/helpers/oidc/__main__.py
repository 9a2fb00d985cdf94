"""The provider: authlib's OpenID server on Flask, with PKCE and nonces required.

Reads one line of JSON, :class:`tests.helpers.oidc.provider.Setup`, prints its address, serves until its
standard input ends. ``POST /fault`` with a name makes every further ID token wrong in that way.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import threading
import time
from dataclasses import dataclass
from typing import Any

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # loopback

import flask
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, OAuth2Error
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey
from werkzeug.serving import make_server

GOOD_KEY = ECKey.generate_key("P-256", {"kid": "good"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "other"})
FORM = """<!doctype html><title>Sign in</title><form method="post">
<input name="username"><input name="password" type="password"><button>Sign in</button></form>"""


class Client(ClientMixin):
    def __init__(self, client_id: str, secret: str) -> None:
        self.client_id, self.client_secret = client_id, secret

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        return ""

    def get_allowed_scope(self, scope: Any) -> str:
        return str(scope)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri.startswith("http://127.0.0.1:")

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == self.client_secret

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == ("client_secret_basic" if self.client_secret else "none")

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Code(AuthorizationCodeMixin):
    code: str
    user: str
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


codes: dict[str, Code] = {}
nonces: set[str] = set()
setup: dict[str, Any] = {}
fault = {"name": ""}


class CodeGrant(AuthorizationCodeGrant):
    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "none"]

    def save_authorization_code(self, code: str, request: Any) -> None:
        data = request.payload.data
        codes[code] = Code(
            code=code,
            user=request.user,
            redirect_uri=data["redirect_uri"],
            scope=data["scope"],
            nonce=data["nonce"],
            code_challenge=data["code_challenge"],
            code_challenge_method=data["code_challenge_method"],
        )
        nonces.add(data["nonce"])

    def query_authorization_code(self, code: str, client: Any) -> Code | None:
        return codes.get(code)

    def delete_authorization_code(self, authorization_code: Any) -> None:
        del codes[authorization_code.code]

    def authenticate_user(self, authorization_code: Any) -> str:
        return str(authorization_code.user)


class IdTokens(OpenIDCode):
    def exists_nonce(self, nonce: str, request: Any) -> bool:
        return nonce in nonces

    def encode_id_token(self, token: Any, request: Any) -> str:
        now, name = int(time.time()), fault["name"]
        claims = {
            "iss": setup["issuer"],
            "aud": setup["client_id"],
            "sub": f"subject of {request.user}",
            "iat": now,
            "exp": now + 300,
            "nonce": request.authorization_code.nonce,
            **setup["users"][request.user]["claims"],
        }
        wrong: dict[str, dict[str, Any]] = {
            "nonce": {"nonce": "of another sign-in"},
            "expired": {"iat": now - 900, "exp": now - 600},
            "audience": {"aud": "somebody else"},
            "party": {"aud": [setup["client_id"], "somebody else"], "azp": "somebody else"},
            "issuer": {"iss": "http://127.0.0.1:1"},
            "nobody": {"sub": ""},
        }
        claims.update(wrong.get(name, {}))
        if name == "unsigned":
            return _unsigned(claims)
        if name == "shared secret":  # the public key as the secret that both sides know
            secret = OctKey.import_key(json.dumps(GOOD_KEY.as_dict(private=False)))
            return jwt.encode({"alg": "HS256"}, claims, secret, ["HS256"])
        if name == "other key":
            return jwt.encode({"alg": "RS256", "kid": "good"}, claims, OTHER_KEY, ["RS256"])
        return jwt.encode({"alg": "ES256", "kid": "good"}, claims, GOOD_KEY, ["ES256"])


def _unsigned(claims: dict[str, Any]) -> str:
    header, payload = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in ({"alg": "none"}, claims)
    )
    return f"{header}.{payload}."


def make_app() -> flask.Flask:
    app = flask.Flask(__name__)
    client = Client(setup["client_id"], setup["client_secret"])
    server = AuthorizationServer(
        app,
        query_client=lambda name: client if name == client.client_id else None,
        save_token=lambda *_: None,
    )
    server.register_grant(CodeGrant, [CodeChallenge(required=True), IdTokens(require_nonce=True)])

    @app.get("/.well-known/openid-configuration")
    def about() -> Any:
        if fault["name"] == "huge":
            return "x" * 1_000_000
        root = setup["issuer"]
        ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        about = {"issuer": root, **{name: f"{root}/{path}" for name, path in ends.items()}}
        if fault["name"] == "other issuer":
            about["issuer"] = "http://127.0.0.1:1"
        if fault["name"] == "plain":
            about["token_endpoint"] = "http://provider.example.com/token"
        return about

    @app.get("/keys")
    def keys() -> Any:
        return KeySet([GOOD_KEY]).as_dict(private=False)

    @app.route("/authorize", methods=["GET", "POST"])
    def authorize() -> Any:
        try:
            grant = server.get_consent_grant(end_user="somebody")  # type: ignore[no-untyped-call]  # theirs
        except OAuth2Error as error:
            return f"{error.error}: {error.description}", 400
        if flask.request.method == "GET":
            return FORM
        form = flask.request.form
        user = setup["users"].get(form["username"])
        known = user is not None and form["password"] == user["password"]
        return server.create_authorization_response(
            grant_user=form["username"] if known else None, grant=grant
        )

    @app.post("/token")
    def token() -> Any:
        if fault["name"] == "garbage":
            return "no JSON", 200
        return server.create_token_response()

    @app.post("/fault")
    def set_fault() -> Any:
        fault["name"] = flask.request.form["name"]
        return ""

    return app


def main() -> None:
    setup.update(json.loads(sys.stdin.readline()))
    server = make_server("127.0.0.1", 0, flask.Flask("starting"), threaded=True)
    setup["issuer"] = f"http://127.0.0.1:{server.port}"
    server.app = make_app()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{setup['issuer']}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
