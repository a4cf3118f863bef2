"""The rules of paid access: pure, total, and without a clock of their own.

Nothing here reads the time, the environment, a database or the network. Every function that
depends on time takes the instant `at`, an aware UTC datetime; every end is exclusive.
"""
