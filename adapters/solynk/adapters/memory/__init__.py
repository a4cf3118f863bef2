"""Everything in memory: for tests, demos and the first afternoon. Real adapters, under the contracts."""
