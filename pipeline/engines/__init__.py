"""Engines: who calls ``process_shard``. One file an engine; the runner does the rest."""
