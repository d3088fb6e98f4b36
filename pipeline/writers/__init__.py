"""Writers: tables to files. One file a format; all read the same Arrow batches."""
