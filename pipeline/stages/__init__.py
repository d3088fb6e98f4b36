"""One stage a file; the file name is the stage name in the config (see ``pipeline.stage``)."""
