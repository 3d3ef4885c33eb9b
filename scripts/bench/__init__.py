"""Programs that measure the shipped code against a peer, in one run on one machine."""
