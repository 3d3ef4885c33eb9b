"""A small, obviously fictional customer care, told through the same commands as everyone uses."""
