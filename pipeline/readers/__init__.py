"""Article readers: files, folders and record files to ``Article``."""
