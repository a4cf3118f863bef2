"""Plain files, for what must be kept apart from the database."""

from solynk.adapters.files.witness import FileWitness, Kept, read_checkpoints

__all__ = ["FileWitness", "Kept", "read_checkpoints"]
