"""Scale: many articles, several workers, memory, incremental runs, and hand-made scripts beside."""
