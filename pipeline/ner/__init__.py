"""NER: the ``Backend`` protocol (``backend.py``) and one file an engine."""
