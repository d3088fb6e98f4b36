"""Evaluation: gold corpora, span scores, scores of normal forms."""
