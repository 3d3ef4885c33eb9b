"""What `mailbox.py` does: take mail on the loopback address and print it, for trying notices on."""

import threading
from email import message_from_bytes, policy
from typing import Annotated, Any

import typer
from aiosmtpd.controller import Controller
from rich.console import Console

say = Console(highlight=False, soft_wrap=True)
app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Mailbox:
    """Takes every mail, prints it, and counts."""

    def __init__(self, count: int) -> None:
        self.left = count
        self.full = threading.Event()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Print a mail as its reader sees it (aiosmtpd's name for the hook)."""
        mail = message_from_bytes(envelope.content, policy=policy.default)
        body = mail.get_body(("plain", "html"))
        say.print(f"To: {', '.join(envelope.rcpt_tos)}", markup=False)
        say.print(f"Subject: {mail['subject']}\n", markup=False)
        say.print(body.get_content().strip() if body is not None else "", markup=False)
        say.rule()
        self.left -= 1
        if self.left == 0:
            self.full.set()
        return "250 OK"


@app.command()
def mailbox(
    port: Annotated[int, typer.Option(help="Where to take mail, on 127.0.0.1.")] = 8025,
    count: Annotated[int, typer.Option(help="End after so many mails; 0: go on.")] = 0,
    seconds: Annotated[float, typer.Option(help="End after so many seconds; 0: with Ctrl-C.")] = 0,
) -> None:
    """Take mail on 127.0.0.1 and print it; nothing is kept and nothing is passed on."""
    box = Mailbox(count)
    controller = Controller(box, hostname="127.0.0.1", port=port, decode_data=False)
    try:
        controller.start()
    except (OSError, TimeoutError) as error:
        say.print(f"mailbox: cannot listen on 127.0.0.1 port {port}: {error}", markup=False)
        raise SystemExit(1) from None
    say.print(f"Mail to 127.0.0.1:{port} is printed here. Ctrl-C ends it.")
    try:
        box.full.wait(seconds or None)
    except KeyboardInterrupt:
        pass
    finally:
        controller.stop()
