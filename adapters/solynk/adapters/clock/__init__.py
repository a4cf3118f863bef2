"""Clocks: the machine's, and the sandbox's."""
