"""The repositories of `InMemoryStore`, over tables that are dicts."""
