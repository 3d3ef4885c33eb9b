"""Watching a case's clocks: what is known of them, what follows, what is due. Pure."""
