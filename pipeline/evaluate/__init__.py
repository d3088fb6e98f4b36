"""Evaluation: how good a system is on a gold corpus, how sure that is, and where it errs.

``evaluate(gold, system)`` and ``compare(gold, a, b)`` answer frames. Systems are made by
``system_from_extractor``, ``system_from_run`` (an output folder) or ``system_from_articles``
(answers in the form of a gold corpus).
"""

from pipeline.evaluate.evaluation import Options, compare, evaluate
from pipeline.evaluate.gold import GoldArticle, GoldMention, read_gold
from pipeline.evaluate.resampling import Resampling
from pipeline.evaluate.system import (
    LABELS,
    NAME_LABELS,
    QUANTITY_LABELS,
    System,
    system_from_articles,
    system_from_extractor,
    system_from_run,
)

__all__ = [
    "LABELS",
    "NAME_LABELS",
    "QUANTITY_LABELS",
    "GoldArticle",
    "GoldMention",
    "Options",
    "Resampling",
    "System",
    "compare",
    "evaluate",
    "read_gold",
    "system_from_articles",
    "system_from_extractor",
    "system_from_run",
]
