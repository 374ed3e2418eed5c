from __future__ import annotations

import base64
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from backend.auth_service import (
    JWKS_INTERVAL_S,
    JWKS_LIFESPAN_S,
    AuthService,
    KeySet,
    PreviousSecret,
    TokenRules,
)
from backend.errors import NotSignedIn
from tests.servers import free_ports, wait_until

SECRET = "s" * 32
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def rules(**changes: object) -> TokenRules:
    values: dict[str, object] = {"issuer": "recorder-backend", "audience": "recorder", "secret": SECRET}
    return TokenRules(**(values | changes))  # type: ignore[arg-type]


class Issuer:
    """A published key set and how often it was asked for; ``status`` is what it answers."""

    def __init__(self) -> None:
        self.url = ""
        self.asked = 0
        self.status = 200


@contextmanager
def key_set() -> Iterator[Issuer]:
    issuer = Issuer()
    keys = [
        RSAAlgorithm.to_jwk(RSA_KEY.public_key(), as_dict=True) | {"kid": "r", "use": "sig"},
        ECAlgorithm.to_jwk(EC_KEY.public_key(), as_dict=True) | {"kid": "e", "use": "sig"},
    ]
    body = json.dumps({"keys": keys}).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.asked += 1
            self.send_response(issuer.status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        issuer.url = f"http://127.0.0.1:{server.server_address[1]}/keys"
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def signed(key: object, algorithm: str, kid: str | None) -> str:
    now = int(time.time())
    claims = {"sub": "alice", "iat": now, "exp": now + 60, "iss": "recorder-backend", "aud": "recorder"}
    headers = {"kid": kid} if kid else None
    return jwt.encode(claims, key, algorithm=algorithm, headers=headers)  # type: ignore[arg-type]


def signed_by_hand(secret: bytes, kid: str) -> str:
    """Return a token as an attacker makes one; PyJWT does not sign with what looks like a public key."""
    payload = signed(SECRET, "HS256", kid).split(".")[:2]
    mac = hmac.digest(secret, ".".join(payload).encode(), "sha256")
    return ".".join([*payload, base64.urlsafe_b64encode(mac).rstrip(b"=").decode()])


def refused(auth: AuthService, token: str) -> bool:
    try:
        auth.user_of(token)
    except NotSignedIn:
        return True
    return False


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


def test_a_token_is_verified_once(monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str] = []
    decode = jwt.decode

    def counted(token: str, *arguments: Any, **options: Any) -> Any:
        verified.append(token)
        return decode(token, *arguments, **options)

    monkeypatch.setattr(jwt, "decode", counted)
    auth = AuthService(rules())
    alices, bobs = auth.mint("alice", 60), auth.mint("bob", 60)
    assert [auth.user_of(token) for token in (alices, bobs, alices, bobs)] == ["alice", "bob", "alice", "bob"]
    assert verified == [alices, bobs]


def test_a_token_that_counted_expires() -> None:
    clock = [time.time()]
    auth = AuthService(rules(), lambda: clock[0])
    token = auth.mint("alice", 1)
    assert auth.user_of(token) == "alice"
    wait_until(lambda: time.time() > clock[0] + 1, "expiry", 5)
    clock[0] += 1
    assert refused(auth, token)


def test_a_token_that_counted_ends_with_its_retired_secret() -> None:
    clock = [time.time()]
    token = AuthService(rules(kid="1")).mint("alice", 60)
    auth = AuthService(
        rules(secret="n" * 32, kid="2", previous=[PreviousSecret("1", SECRET, clock[0] + 30)]), lambda: clock[0]
    )
    assert auth.user_of(token) == "alice"
    clock[0] += 30
    assert refused(auth, token)


def test_a_token_that_counted_ends_with_its_key_in_the_key_set() -> None:
    with key_set() as issuer:
        auth = AuthService(rules(secret=None, jwks_url=issuer.url))
        token = signed(RSA_KEY, "RS256", "r")
        assert auth.user_of(token) == "alice"
        assert auth._key_set is not None
        auth._key_set._keys = {"e": auth._key_set.key("e")}
        assert refused(auth, token)


def test_however_many_tokens_come_few_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.auth_service.MAX_CHECKED", 3)
    auth = AuthService(rules())
    assert [auth.user_of(auth.mint(f"user-{n}", 60)) for n in range(10)] == [f"user-{n}" for n in range(10)]
    assert len(auth._checked) <= 3


def test_a_key_set_checks_rs256_and_es256_and_nothing_else() -> None:
    with key_set() as issuer:
        auth = AuthService(rules(secret=None, jwks_url=issuer.url))
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


def test_own_secret_and_key_set_count_side_by_side() -> None:
    with key_set() as issuer:
        auth = AuthService(rules(jwks_url=issuer.url))
        assert auth.user_of(auth.mint("bob", 60)) == "bob"
        assert issuer.asked == 0
        assert auth.user_of(signed(RSA_KEY, "RS256", "r")) == "alice"
        assert auth.user_of(signed(EC_KEY, "ES256", "e")) == "alice"


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_s02_neither_kind_of_key_checks_the_others_tokens() -> None:
    public = RSA_KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    other_rsa = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with key_set() as issuer:
        auth = AuthService(rules(kid="own", jwks_url=issuer.url))
        forged = [
            signed_by_hand(public, "r"),  # the published key taken for a secret
            signed(SECRET, "HS256", "r"),  # the own secret under the key set's name
            signed(SECRET, "HS512", "own"),
            signed("", "none", "r"),
            signed(other_rsa, "RS256", "own"),
            signed(other_rsa, "RS256", "r"),
            signed(RSA_KEY, "RS256", "e"),
            signed(EC_KEY, "ES256", "r"),
            signed(RSA_KEY, "RS256", None),
        ]
        assert [token for token in forged if not refused(auth, token)] == []
        assert auth.user_of(signed(RSA_KEY, "RS256", "r")) == "alice"


def test_made_up_key_names_do_not_make_the_issuer_a_target() -> None:
    with key_set() as issuer:
        auth = AuthService(rules(jwks_url=issuer.url))
        assert all(refused(auth, signed(RSA_KEY, "RS256", f"made-up-{n}")) for n in range(20))
        assert issuer.asked == 1
        assert auth.user_of(signed(RSA_KEY, "RS256", "r")) == "alice"


def test_an_issuer_that_is_away_is_asked_as_rarely() -> None:
    with key_set() as issuer:
        issuer.status = 500
        auth = AuthService(rules(jwks_url=issuer.url))
        assert all(refused(auth, signed(RSA_KEY, "RS256", "r")) for _ in range(20))
        assert issuer.asked == 1


def test_a_key_set_is_fetched_again_for_new_keys_and_when_it_is_old_and_outlives_an_outage() -> None:
    now = 1000.0
    with key_set() as issuer:
        keys = KeySet(issuer.url, lambda: now)
        assert keys.key("r").key_id == "r"
        now += JWKS_INTERVAL_S
        for _ in range(5):
            with pytest.raises(NotSignedIn):
                keys.key("new")
        assert issuer.asked == 2
        now += JWKS_LIFESPAN_S
        assert keys.key("r").key_id == "r"
        assert issuer.asked == 3
        issuer.status = 500
        now += JWKS_LIFESPAN_S
        assert [keys.key("r").key_id for _ in range(3)] == ["r"] * 3
        assert issuer.asked == 4


def test_s24_rules_hide_their_secrets() -> None:
    assert SECRET not in repr(rules(previous=[PreviousSecret("1", SECRET, 0)]))
