"""The log: the only package that knows `eventsourcing`, connections, migrations and keys."""
