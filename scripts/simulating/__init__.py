"""Simulation: a log played through the real rules and sagas in virtual time, nothing changed."""
