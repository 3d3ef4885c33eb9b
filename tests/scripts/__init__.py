"""Tests of the scripts: run as their users run them, on a real database."""
