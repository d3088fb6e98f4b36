"""Training of a token classifier on a user's gold corpus: ``zhnews train CONFIG.toml``.

config.py (what a training is) -> data.py (texts with tags) -> fit.py (the loop) -> export.py
(ONNX for the default backend, checked against the trained model) -> card.py (what was done).
"""
