from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from backend.auth_service import AuthService, PreviousSecret, TokenRules
from backend.errors import NotSignedIn
from tests.servers import free_ports

SECRET = "s" * 32
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def rules(**changes: object) -> TokenRules:
    values: dict[str, object] = {"issuer": "recorder-backend", "audience": "recorder", "secret": SECRET}
    return TokenRules(**(values | changes))  # type: ignore[arg-type]


@contextmanager
def key_set() -> Iterator[str]:
    keys = [
        RSAAlgorithm.to_jwk(RSA_KEY.public_key(), as_dict=True) | {"kid": "r", "use": "sig"},
        ECAlgorithm.to_jwk(EC_KEY.public_key(), as_dict=True) | {"kid": "e", "use": "sig"},
    ]
    body = json.dumps({"keys": keys}).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/keys"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def signed(key: object, algorithm: str, kid: str) -> str:
    now = int(time.time())
    claims = {"sub": "alice", "iat": now, "exp": now + 60, "iss": "recorder-backend", "aud": "recorder"}
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid})  # type: ignore[arg-type]


def test_a_minted_token_speaks_for_its_user_until_it_expires() -> None:
    now = time.time()
    token = AuthService(rules(), lambda: now).mint("alice", 60)
    assert AuthService(rules()).user_of(token) == "alice"
    with pytest.raises(NotSignedIn, match="expired"):
        AuthService(rules()).user_of(AuthService(rules(), lambda: now - 61).mint("alice", 60))


def test_a_clock_that_is_a_little_ahead_is_forgiven() -> None:
    for ahead, good in [(20, True), (60, False)]:
        issued_at = time.time() + ahead
        token = AuthService(rules(), partial(float, issued_at)).mint("alice", 60)
        if good:
            assert AuthService(rules()).user_of(token) == "alice"
        else:
            with pytest.raises(NotSignedIn, match="clock"):
                AuthService(rules()).user_of(token)


def test_a_rotated_secret_counts_under_its_own_name() -> None:
    token = AuthService(rules(kid="1")).mint("alice", 60)
    previous = [PreviousSecret("1", SECRET, time.time() + 60)]
    assert AuthService(rules(secret="n" * 32, kid="2", previous=previous)).user_of(token) == "alice"
    with pytest.raises(NotSignedIn):
        AuthService(rules(secret="n" * 32, kid="2")).user_of(token)


def test_a_key_set_checks_rs256_and_es256_and_nothing_else() -> None:
    with key_set() as url:
        auth = AuthService(rules(secret=None, jwks_url=url))
        assert auth.user_of(signed(RSA_KEY, "RS256", "r")) == "alice"
        assert auth.user_of(signed(EC_KEY, "ES256", "e")) == "alice"
        for forged in (signed(SECRET, "HS256", "r"), signed(RSA_KEY, "RS512", "r"), signed(RSA_KEY, "RS256", "x")):
            with pytest.raises(NotSignedIn):
                auth.user_of(forged)


def test_a_key_set_that_cannot_be_fetched_signs_nobody_in() -> None:
    auth = AuthService(rules(secret=None, jwks_url=f"http://127.0.0.1:{free_ports(1)[0]}/keys"))
    with pytest.raises(NotSignedIn):
        auth.user_of(signed(RSA_KEY, "RS256", "r"))
    with pytest.raises(ValueError, match="key set"):
        auth.mint("alice", 60)


def test_s24_rules_hide_their_secrets() -> None:
    assert SECRET not in repr(rules(previous=[PreviousSecret("1", SECRET, 0)]))
