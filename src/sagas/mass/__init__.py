"""Changes that concern many cases at once: what is known of them, and what they ask of a case."""
