"""What `webhook_secret.py` does: derive a channel's secret from the master key and print it."""

import sys
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from sagas.channels.webhooks import webhook_secret
from store.keys import Keys
from store.settings import Settings, SettingsError

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command()
def secret(
    channel: Annotated[UUID, typer.Argument(metavar="CHANNEL_ID", help="The channel's id.")],
    data_dir: Annotated[Path | None, typer.Option(help="The data folder of the server.")] = None,
) -> None:
    """Print the secret (`whsec_…`) of a member of staff's webhook, for whoever receives it.

    It is made from the master key and the channel's id and stands nowhere; who has it can sign in
    our name, for this channel alone. Remove the channel and add another to change it.
    """
    try:
        keys = Keys(Settings.load(data_dir=data_dir).master_key_bytes())
    except SettingsError as error:
        sys.stderr.write(f"webhook_secret.py: {error}\n")
        raise SystemExit(1) from None
    print(webhook_secret(keys, channel))
