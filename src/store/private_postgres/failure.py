"""What the supervisor says when it cannot give a database."""


class PrivatePostgresError(RuntimeError):
    """The private database cannot be had; the message is one line that says what to do."""
