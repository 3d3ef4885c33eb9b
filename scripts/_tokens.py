"""What `token.py` does: sign a token with the local issuer's key and print it."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console

from api.access import SIGHT, WHOLE_COMPANY, Sight
from api.issuer import HOURS_MAX, own_issuer
from domain.declare import Role
from store.settings import Settings, SettingsError

errors = Console(stderr=True, highlight=False, soft_wrap=True)
app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

ROLES = [role.value for role in Role if role is not Role.SYSTEM]


@app.command()
def token(
    role: Annotated[
        list[str], typer.Option(help=f"One of {', '.join(ROLES)}; may be given several times.")
    ],
    customer: Annotated[UUID | None, typer.Option(help="The customer she is.")] = None,
    dealer: Annotated[str | None, typer.Option(help="The dealer she acts for.")] = None,
    region: Annotated[
        str | None, typer.Option(help="Her region; `*` is the whole company.")
    ] = None,
    unit: Annotated[str | None, typer.Option(help="Her unit.")] = None,
    sub: Annotated[str | None, typer.Option(help="Her account id; else one made of roles.")] = None,
    hours: Annotated[
        float, typer.Option(min=0.01, max=HOURS_MAX, help="How long it is valid.")
    ] = 12,
    data_dir: Annotated[Path | None, typer.Option(help="The data folder of the server.")] = None,
) -> None:
    """Print an access token for the local server, which is its own issuer.

    Staff of whom neither a region nor a unit is said serve the whole company. With an identity
    provider (APP_JWKS_URL) or a database of your own (DATABASE_URL), tokens come from the provider.
    """
    try:
        settings = Settings.load(data_dir=data_dir)
        settings.check_issuer("127.0.0.1")
    except SettingsError as error:
        raise _given_up(str(error)) from None
    if not settings.is_own_issuer:
        raise _given_up("APP_JWKS_URL or APP_JWKS_FILE is set: ask that identity provider.")
    unknown = sorted(set(role) - set(ROLES))
    if unknown:
        raise _given_up(f"no role is called {unknown[0]}; there are {', '.join(ROLES)}.")
    roles = [Role(name) for name in role]
    if region is None and unit is None and any(Sight.REGION in SIGHT[each] for each in roles):
        region = WHOLE_COMPANY
        errors.print("token.py: no --region and no --unit, so it serves the whole company (*).")
    try:
        issuer = own_issuer(
            settings.data_dir, create=False, issuer=settings.issuer, audience=settings.audience
        )
    except FileNotFoundError:
        raise _given_up(
            f"{settings.data_dir} has no issuer's key yet; start scripts/serve.py first."
        ) from None
    except OSError as error:
        raise _given_up(f"the issuer's key cannot be read: {error.strerror}") from None
    print(
        issuer.token(
            *roles,
            subject=sub,
            hours=hours,
            customer_id=str(customer) if customer else None,
            dealer_id=dealer,
            region=region,
            unit=unit,
        )
    )


def _given_up(sentence: str) -> typer.Exit:
    errors.print(f"token.py: {sentence}")
    return typer.Exit(1)
