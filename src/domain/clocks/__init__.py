"""Clocks: calendars, spans of time, derivations of due instants, and the rules they follow."""
