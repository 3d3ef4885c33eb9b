"""Who calls: access tokens (JWT) verified against the issuer's keys, and turned into an `Actor`.

Only asymmetric signatures from a closed list are accepted, so `none` and an HMAC made with a public
key cannot pass. A verified token is remembered for a short while, so a request costs one hash.
"""

import asyncio
import json
import time
import urllib.request
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPException
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from joserfc import jwt
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64decode

from api.access import hat_of
from api.problems import Problem
from domain.declare import Actor, ActorId, Role
from domain.fields import clean_text

log = structlog.get_logger(__name__)

ALGORITHMS: Mapping[str, tuple[type[Any], str | None]] = {
    "RS256": (RSAKey, None),
    "ES256": (ECKey, "P-256"),
    "EdDSA": (OKPKey, "Ed25519"),
    "Ed25519": (OKPKey, "Ed25519"),
}
"""The signatures that are accepted, and the kind and curve of key each one takes."""

LEEWAY_S = 30
TOKEN_CHARACTERS_MAX = 8_192
REMEMBERED_TOKENS_MAX = 10_000
REMEMBERED_FOR_S = 300
RSA_BITS_MIN = 2_048

JWKS_TIMEOUT_S = 3.0
JWKS_BYTES_MAX = 1_048_576
JWKS_FRESH_FOR_S = 600
JWKS_REFRESH_AT_MOST_EVERY_S = 10
JWKS_STALE_FOR_S = 86_400

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class _Registry(JWSRegistry):
    """Knows our closed list only; issuers still write `EdDSA`, of which the library warns."""

    max_header_length = 2_048

    def get_alg(self, name: str) -> Any:
        """Return one of the algorithms of the list."""
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError(f"{name} is not accepted")
        return self.algorithms[name]


_REGISTRY = _Registry(strict_check_header=False)


class KeySource(Protocol):
    """Where the issuer's public keys come from."""

    async def key(self, kid: str | None) -> Any:
        """Return the key of this id (or the only key, for a token that names none), else None."""
        ...


def usable_keys(document: object) -> dict[str, Any]:
    """Return the public signature keys of a JWKS by key id; whatever else it holds is left out."""
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise ValueError("a JWKS is an object with a list `keys`")
    kept = [
        {name: value for name, value in key.items() if name != "d"}
        for key in document["keys"]
        if isinstance(key, dict)
        and key.get("kty") in {"RSA", "EC", "OKP"}
        and key.get("use", "sig") == "sig"
    ]
    found: dict[str, Any] = {}
    for entry in kept:
        try:
            (key,) = KeySet.import_key_set({"keys": [entry]}).keys
        except (JoseError, ValueError, TypeError, KeyError):
            log.warning("jwks_key_unusable", kty=entry.get("kty"))
            continue
        key.ensure_kid()
        found[str(key.kid)] = key
    return found


def _pick(keys: Mapping[str, Any], kid: str | None) -> Any:
    if kid is None:
        return next(iter(keys.values())) if len(keys) == 1 else None
    return keys.get(kid)


class StaticKeys:
    """Keys from a local JWKS file, read once: our own issuer's, or an offline copy."""

    def __init__(self, document: object) -> None:
        self._keys = usable_keys(document)

    @classmethod
    def from_file(cls, path: Path) -> "StaticKeys":
        """Read a JWKS file."""
        return cls(json.loads(path.read_text(encoding="utf-8")))

    async def key(self, kid: str | None) -> Any:
        """Return the key of this id, or None."""
        return _pick(self._keys, kid)


class FetchedKeys:
    """Keys from the issuer's JWKS address: cached, fetched again when a key id is unknown.

    One fetch at a time, bounded in time and size, and not more often than every ten seconds
    however many unknown key ids are tried. When the issuer is away, known keys serve for a day.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise ValueError("the JWKS address must be https")
        self._url = url
        self._keys: dict[str, Any] = {}
        self._fetched_at_s = float("-inf")
        self._tried_at_s = float("-inf")
        self._mutex = asyncio.Lock()

    async def key(self, kid: str | None) -> Any:
        """Return the key of this id, or None; raises a 503 problem when no keys are to be had."""
        now_s = time.monotonic()
        found = _pick(self._keys, kid)
        if found is None or now_s - self._fetched_at_s > JWKS_FRESH_FOR_S:
            await self._refresh(now_s)
            found = _pick(self._keys, kid)
        if not self._keys or time.monotonic() - self._fetched_at_s > JWKS_STALE_FOR_S:
            raise Problem("service.keys_unavailable")
        return found

    async def _refresh(self, asked_at_s: float) -> None:
        async with self._mutex:
            if (
                max(self._tried_at_s + JWKS_REFRESH_AT_MOST_EVERY_S, self._fetched_at_s)
                > asked_at_s
            ):
                return  # somebody else did, while this one waited or a moment ago
            self._tried_at_s = time.monotonic()
            try:
                self._keys = usable_keys(await asyncio.to_thread(self._fetch))
            except (OSError, ValueError, HTTPException) as error:
                log.warning("jwks_fetch_failed", kind=type(error).__name__)
                return
            self._fetched_at_s = time.monotonic()

    def _fetch(self) -> object:
        request = urllib.request.Request(  # noqa: S310 (the scheme was checked)
            self._url, headers={"Accept": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=JWKS_TIMEOUT_S) as answer:  # noqa: S310
            body = answer.read(JWKS_BYTES_MAX + 1)
        if len(body) > JWKS_BYTES_MAX:
            raise ValueError("the JWKS is too large")
        document: object = json.loads(body)
        return document


@dataclass(frozen=True, slots=True)
class _Remembered:
    actor: Actor
    until_s: float
    expires_at_s: float


class Verifier:
    """Turns a token into an actor, or raises the problem that says why not."""

    def __init__(self, keys: KeySource, *, issuer: str, audience: str) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._remembered: OrderedDict[bytes, _Remembered] = OrderedDict()

    async def actor(self, authorization: str | None) -> Actor:
        """Return who an Authorization header speaks for."""
        if not authorization:
            raise Problem("token.missing")
        scheme, _, token = authorization.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise Problem("token.missing")
        if len(token) > TOKEN_CHARACTERS_MAX:
            raise Problem("token.invalid")
        digest = sha256(token.encode("utf-8", "surrogateescape")).digest()
        known = self._remembered.get(digest)
        if known is not None:
            if time.time() < known.until_s:
                return known.actor
            del self._remembered[digest]
        claims = await self._verified(token)
        actor = actor_of(claims)
        expires_at_s = float(claims["exp"])
        until_s = min(expires_at_s, time.time() + REMEMBERED_FOR_S)
        self._remembered[digest] = _Remembered(actor, until_s, expires_at_s)
        while len(self._remembered) > REMEMBERED_TOKENS_MAX:
            self._remembered.popitem(last=False)
        return actor

    def expires_at_s(self, authorization: str | None) -> float:
        """Return when a token that was verified just now expires, in seconds of the epoch."""
        token = (authorization or "").partition(" ")[2].strip()
        known = self._remembered.get(sha256(token.encode("utf-8", "surrogateescape")).digest())
        return known.expires_at_s if known is not None else time.time()

    async def _verified(self, token: str) -> Mapping[str, Any]:
        header = _header(token)
        algorithm = header.get("alg")
        if not isinstance(algorithm, str) or algorithm not in ALGORITHMS or "crit" in header:
            raise Problem("token.invalid")
        kid = header.get("kid")
        if kid is not None and not isinstance(kid, str):
            raise Problem("token.invalid")
        key = await self._keys.key(kid)
        if key is None or not _fits(key, algorithm):
            raise Problem("token.invalid")
        try:
            claims = jwt.decode(token, key, registry=_REGISTRY).claims
        except (JoseError, ValueError, TypeError, RecursionError):
            raise Problem("token.invalid") from None
        self._check(claims)
        return claims

    def _check(self, claims: Mapping[str, Any]) -> None:
        now_s = time.time()
        expires_at_s = _instant(claims, "exp")
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        if (
            expires_at_s is None
            or claims.get("iss") != self._issuer
            or self._audience not in audiences
            or (_instant(claims, "nbf") or 0) > now_s + LEEWAY_S
            or (_instant(claims, "iat") or 0) > now_s + LEEWAY_S
        ):
            raise Problem("token.invalid")
        if expires_at_s + LEEWAY_S < now_s:
            raise Problem("token.expired")


def _header(token: str) -> Mapping[str, Any]:
    try:
        header = json.loads(urlsafe_b64decode(token.partition(".")[0].encode()))
    except (ValueError, RecursionError):
        raise Problem("token.invalid") from None
    if not isinstance(header, dict):
        raise Problem("token.invalid")
    return header


def _fits(key: Any, algorithm: str) -> bool:
    kind, curve = ALGORITHMS[algorithm]
    if not isinstance(key, kind):
        return False
    if kind is RSAKey:
        return int(key.public_key.key_size) >= RSA_BITS_MIN
    return bool(key.curve_name == curve)


def _instant(claims: Mapping[str, Any], name: str) -> float | None:
    found = claims.get(name)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, (int, float)) or not 0 <= found < 1e12:
        raise Problem("token.invalid")
    return float(found)


def actor_of(claims: Mapping[str, Any]) -> Actor:
    """Return the actor of verified claims, under one hat.

    Roles that are not ours, and `system`, are left out. An account id is one printable line.
    """
    roles = claims.get("roles", [])
    if not isinstance(roles, list):
        raise Problem("token.invalid")
    ours = frozenset(Role) - {Role.SYSTEM}
    customer_id = _text(claims, "customer_id")
    try:
        return Actor(
            id=ActorId(_text(claims, "sub", characters_max=128) or _refused()),
            roles=hat_of(frozenset(role for role in ours if role.value in roles)),
            unit=_text(claims, "unit"),
            region=_text(claims, "region"),
            dealer_id=_text(claims, "dealer_id"),
            customer_id=UUID(customer_id) if customer_id else None,
        )
    except ValueError:
        raise Problem("token.invalid") from None


def _refused() -> str:
    raise Problem("token.invalid")


def _text(claims: Mapping[str, Any], name: str, characters_max: int = 64) -> str | None:
    found = claims.get(name)
    if found is None:
        return None
    if not isinstance(found, str) or not 0 < len(found) <= characters_max:
        raise Problem("token.invalid")
    try:
        cleaned = clean_text(found)
    except ValueError:
        raise Problem("token.invalid") from None
    if cleaned != cleaned.strip() or "\n" in cleaned or "\t" in cleaned:
        raise Problem("token.invalid")
    return cleaned
