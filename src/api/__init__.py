"""HTTP: translate a request into a command or a question, delegate, and translate back."""
