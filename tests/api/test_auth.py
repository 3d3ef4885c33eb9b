"""Tokens: what passes is signed by the issuer, in time, for us; everything else is refused."""

import asyncio
import base64
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import hmac as hmac_of
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from api.auth import FetchedKeys, StaticKeys, Verifier, usable_keys
from api.issuer import AUDIENCE, ISSUER, KEY_FILE, Issuer, own_issuer
from api.problems import Problem
from domain.declare import Actor, Role

CUSTOMER = UUID("0192f6a0-7c1e-7d3a-9b52-0000000000c1")


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    return own_issuer(tmp_path)


@pytest.fixture
def verifier(issuer: Issuer) -> Verifier:
    return Verifier(StaticKeys(issuer.jwks()), issuer=ISSUER, audience=AUDIENCE)


def actor(verifier: Verifier, token: str) -> Actor:
    return asyncio.run(verifier.actor(f"Bearer {token}"))


def refused(verifier: Verifier, token: str, code: str = "token.invalid") -> None:
    with pytest.raises(Problem) as caught:
        actor(verifier, token)
    assert caught.value.code == code


def claims(**changed: Any) -> dict[str, Any]:
    now_s = int(time.time())
    standing = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": "u-1", "roles": ["expert"], "exp": now_s + 600,
    }  # fmt: skip
    return {name: value for name, value in {**standing, **changed}.items() if value is not None}


def signed(issuer: Issuer, **changed: Any) -> str:
    header = {"alg": "ES256", "kid": issuer.key.kid}
    return jwt.encode(header, claims(**changed), issuer.key, algorithms=["ES256"])


def part(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def test_a_token_of_ours_says_who_acts_and_for_whom(issuer: Issuer, verifier: Verifier) -> None:
    token = issuer.token(
        Role.DEALER, subject="u-7", customer_id=str(CUSTOMER), dealer_id="dealer-12"
    )
    assert actor(verifier, token) == Actor(
        id="u-7",  # type: ignore[arg-type]
        roles=frozenset({Role.DEALER}),
        customer_id=CUSTOMER,
        dealer_id="dealer-12",
    )


def test_without_a_token_the_caller_is_told_to_sign_in(verifier: Verifier) -> None:
    for header in (None, "", "Basic dXNlcjpwYXNz", "Bearer", "Bearer   "):
        with pytest.raises(Problem) as caught:
            asyncio.run(verifier.actor(header))
        assert caught.value.code == "token.missing"


def test_an_expired_token_is_refused(issuer: Issuer, verifier: Verifier) -> None:
    refused(verifier, signed(issuer, exp=int(time.time()) - 60), "token.expired")


def test_a_token_expires_also_when_it_is_remembered(issuer: Issuer) -> None:
    verifier = Verifier(StaticKeys(issuer.jwks()), issuer=ISSUER, audience=AUDIENCE)
    token = signed(issuer, exp=time.time() - 29.9)  # within the leeway for clocks that differ
    assert actor(verifier, token).id == "u-1"
    time.sleep(0.2)
    refused(verifier, token, "token.expired")


def test_a_token_without_an_end_is_refused(issuer: Issuer, verifier: Verifier) -> None:
    refused(verifier, signed(issuer, exp=None))


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://somebody.else"}, {"iss": None}, {"aud": "other"}, {"aud": None},
        {"aud": ["other"]}, {"nbf": 32503680000}, {"iat": 32503680000}, {"exp": "soon"},
        {"exp": True}, {"nbf": -5}, {"roles": "expert"}, {"sub": None}, {"sub": ""},
        {"sub": "x" * 129}, {"sub": "a\x00b"}, {"sub": "  "}, {"sub": "a\r\nb"}, {"sub": "a\tb"},
        {"customer_id": "42"}, {"customer_id": "a\x00b"}, {"unit": 7},
        {"region": "x" * 65},
    ],
)  # fmt: skip
def test_a_token_whose_claims_are_wrong_is_refused(
    issuer: Issuer, verifier: Verifier, changed: dict[str, Any]
) -> None:
    refused(verifier, signed(issuer, **changed))


def test_one_of_several_audiences_is_enough(issuer: Issuer, verifier: Verifier) -> None:
    assert actor(verifier, signed(issuer, aud=["other", AUDIENCE])).id == "u-1"


def test_roles_that_are_not_ours_are_left_out_and_nobody_is_the_system(
    issuer: Issuer, verifier: Verifier
) -> None:
    found = actor(verifier, signed(issuer, roles=["expert", "system", "root", 7]))
    assert found.roles == frozenset({Role.EXPERT})


@pytest.mark.parametrize(
    ("held", "worn"),
    [
        ("auditor", "auditor"), ("auditor admin expert customer", "auditor"),
        ("expert unit", "expert unit"), ("expert customer", "expert"),
        ("unit dealer customer", "unit"), ("dealer customer", "dealer"), ("customer", "customer"),
        ("", ""),
    ],
)  # fmt: skip
def test_whoever_holds_several_roles_acts_under_one_hat(
    issuer: Issuer, verifier: Verifier, held: str, worn: str
) -> None:
    found = actor(verifier, signed(issuer, roles=held.split()))
    assert found.roles == frozenset(Role(name) for name in worn.split())


def test_alg_none_is_refused(verifier: Verifier) -> None:
    for name in ("none", "None", "NONE", ""):
        refused(verifier, f"{part({'alg': name})}.{part(claims())}.")


def test_an_hmac_made_with_the_public_key_is_refused(issuer: Issuer, verifier: Verifier) -> None:
    public = issuer.key.as_pem(private=False)
    for secret in (public, json.dumps(issuer.jwks()["keys"][0]).encode()):
        head = f"{part({'alg': 'HS256', 'kid': issuer.key.kid})}.{part(claims())}"
        mac = hmac_of.HMAC(secret, SHA256())
        mac.update(head.encode())
        refused(
            verifier, f"{head}.{base64.urlsafe_b64encode(mac.finalize()).rstrip(b'=').decode()}"
        )


def test_a_symmetric_key_of_a_key_set_is_never_used() -> None:
    secret = OctKey.generate_key(256, {"use": "sig"}, auto_kid=True)
    assert usable_keys({"keys": [secret.as_dict(private=True)]}) == {}


def test_a_forged_token_is_refused(issuer: Issuer, verifier: Verifier) -> None:
    head, body, signature = signed(issuer).split(".")
    refused(verifier, f"{head}.{part(claims(roles=['admin']))}.{signature}")
    refused(verifier, f"{head}.{body}.{signature[:-4]}AAAA")
    refused(verifier, f"{head}.{body}.")


def test_a_token_of_another_key_under_our_key_id_is_refused(
    issuer: Issuer, verifier: Verifier
) -> None:
    other = ECKey.generate_key("P-256")
    header = {"alg": "ES256", "kid": issuer.key.kid}
    refused(verifier, jwt.encode(header, claims(), other, algorithms=["ES256"]))


def test_a_token_that_brings_its_own_key_is_refused(verifier: Verifier) -> None:
    other = ECKey.generate_key("P-256", auto_kid=True)
    header = {"alg": "ES256", "kid": other.kid, "jwk": other.as_dict(private=False)}
    refused(verifier, jwt.encode(header, claims(), other, algorithms=["ES256"]))


@pytest.mark.parametrize(
    "token",
    ["x", "a.b.c", "..", "é.é.é", "{}.{}.{}", "x" * 9_000, f"{part([])}.{part({})}.x",
     f"{part({'alg': 'ES256', 'crit': ['b64'], 'b64': False})}.{part({})}.x",
     f"{part({'alg': ['ES256']})}.{part({})}.x", f"{part({'alg': 'ES256', 'kid': 5})}.e30.x"],
)  # fmt: skip
def test_what_is_no_token_is_refused(verifier: Verifier, token: str) -> None:
    refused(verifier, token)


def test_rsa_and_ed25519_are_accepted_and_a_short_rsa_key_is_not() -> None:
    rsa = RSAKey.generate_key(2048, {"use": "sig"}, auto_kid=True)
    edwards = OKPKey.generate_key("Ed25519", {"use": "sig"}, auto_kid=True)
    keys = {"keys": [rsa.as_dict(private=False), edwards.as_dict(private=False)]}
    verifier = Verifier(StaticKeys(keys), issuer=ISSUER, audience=AUDIENCE)
    for key, algorithm in ((rsa, "RS256"), (edwards, "Ed25519")):
        header = {"alg": algorithm, "kid": key.kid}
        assert actor(verifier, jwt.encode(header, claims(), key, algorithms=[algorithm])).id


def test_what_an_issuer_still_calls_eddsa_is_accepted() -> None:
    key = OKPKey.generate_key("Ed25519", {"use": "sig"}, auto_kid=True)

    class Quiet(JWSRegistry):
        def get_alg(self, name: str) -> Any:
            return self.algorithms[name]

    token = jwt.encode({"alg": "EdDSA", "kid": key.kid}, claims(), key, registry=Quiet())
    keys = StaticKeys({"keys": [key.as_dict(private=False)]})
    assert actor(Verifier(keys, issuer=ISSUER, audience=AUDIENCE), token).id == "u-1"


def test_the_issuers_key_is_made_once_and_is_nobody_elses(tmp_path: Path) -> None:
    first, second = own_issuer(tmp_path), own_issuer(tmp_path)
    assert first.jwks() == second.jwks()
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o077 == 0
    assert "d" not in first.jwks()["keys"][0]


# --- keys from an address -------------------------------------------------------------------------


class _Address:
    def __init__(self) -> None:
        self.document: Any = {"keys": []}
        self.fetched = 0


@pytest.fixture
def address() -> Iterator[tuple[_Address, str]]:
    told = _Address()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.fetched += 1
            body = json.dumps(told.document).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield told, f"http://127.0.0.1:{server.server_port}/jwks"
    server.shutdown()
    thread.join()
    server.server_close()


def test_keys_are_fetched_once_for_many_tokens(
    issuer: Issuer, address: tuple[_Address, str]
) -> None:
    told, url = address
    told.document = issuer.jwks()

    async def many() -> None:
        verifier = Verifier(FetchedKeys(url), issuer=ISSUER, audience=AUDIENCE)
        tokens = [signed(issuer, sub=f"u-{n}") for n in range(8)]
        found = await asyncio.gather(*(verifier.actor(f"Bearer {token}") for token in tokens))
        assert [each.id for each in found] == [f"u-{n}" for n in range(8)]

    asyncio.run(many())
    assert told.fetched == 1


def test_unknown_key_ids_do_not_make_us_fetch_without_end(
    issuer: Issuer, address: tuple[_Address, str]
) -> None:
    told, url = address
    told.document = issuer.jwks()

    async def attack() -> None:
        verifier = Verifier(FetchedKeys(url), issuer=ISSUER, audience=AUDIENCE)
        await verifier.actor(f"Bearer {signed(issuer)}")
        for n in range(20):
            with pytest.raises(Problem):
                await verifier.actor(f"Bearer {part({'alg': 'ES256', 'kid': str(n)})}.e30.x")

    asyncio.run(attack())
    assert told.fetched <= 2


def test_an_issuer_that_is_away_is_said_to_be_away() -> None:
    verifier = Verifier(FetchedKeys("http://127.0.0.1:9/jwks"), issuer=ISSUER, audience=AUDIENCE)
    refused(verifier, f"{part({'alg': 'ES256', 'kid': 'x'})}.e30.x", "service.keys_unavailable")


def test_keys_do_not_travel_in_the_clear() -> None:
    with pytest.raises(ValueError, match="https"):
        FetchedKeys("http://issuer.example/jwks")
