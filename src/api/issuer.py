"""Our own issuer of access tokens, for one machine: a key made once, and tokens signed with it.

It serves `serve.py` on the loopback address with the private database; a real installation names
its identity provider's issuer and JWKS address instead, and this key is never asked for.
"""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from domain.declare import Role
from store.ids import new_id
from store.private_files import create_private_file, make_private_folder
from store.settings import OWN_ISSUER

ISSUER = OWN_ISSUER
AUDIENCE = "parvandeh"
KEY_FILE = "issuer_key.json"
ALGORITHM = "ES256"
HOURS_MAX = 24 * 31


@dataclass(frozen=True, slots=True)
class Issuer:
    """Signs tokens with the key of one data folder."""

    key: Any
    issuer: str = ISSUER
    audience: str = AUDIENCE

    def jwks(self) -> dict[str, Any]:
        """Return the public half, as an issuer publishes it."""
        return dict(KeySet([self.key]).as_dict(private=False))

    def token(
        self,
        *roles: Role,
        subject: str | None = None,
        hours: float = 12,
        **acts_for: str | None,
    ) -> str:
        """Return a signed token; `acts_for` are `customer_id`, `dealer_id`, `region`, `unit`."""
        if not 0 < hours <= HOURS_MAX:
            raise ValueError(f"a token is valid for more than 0 and at most {HOURS_MAX} hours")
        now_s = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": subject or "local-" + "-".join(sorted(role.value for role in roles)),
            "roles": [role.value for role in roles],
            "iat": now_s,
            "nbf": now_s,
            "exp": now_s + int(hours * 3600),
            "jti": str(new_id()),
            **{name: value for name, value in acts_for.items() if value is not None},
        }
        header = {"alg": ALGORITHM, "kid": self.key.kid}
        return jwt.encode(header, claims, self.key, algorithms=[ALGORITHM])


def own_issuer(
    data_dir: Path, *, create: bool = True, issuer: str = ISSUER, audience: str = AUDIENCE
) -> Issuer:
    """Return the issuer of a data folder; its key is made at the first use (0600).

    Raises `FileNotFoundError` when there is none and `create` is false.
    """
    path = data_dir / KEY_FILE
    if path.exists() or not create:
        stored = path.read_bytes()
    else:
        make_private_folder(data_dir)
        fresh = ECKey.generate_key("P-256", {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
        stored = create_private_file(path, json.dumps(fresh.as_dict(private=True)).encode())
    key = ECKey.import_key(json.loads(stored))
    key.ensure_kid()
    return Issuer(key=key, issuer=issuer, audience=audience)
