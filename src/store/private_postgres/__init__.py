"""The private PostgreSQL: found, made, started, held and let go by our own supervisor."""

from store.private_postgres.failure import PrivatePostgresError
from store.private_postgres.supervisor import PrivatePostgres, find_running

__all__ = ["PrivatePostgres", "PrivatePostgresError", "find_running"]
