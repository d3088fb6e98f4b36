"""From an engine's labels to the project's: a table that ships, and the user's additions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pipeline.errors import BackendError
from pipeline.resources import read_lexicon

_ANY = "any"


def label_map(engine: str, labels: Iterable[str], extra: Mapping[str, str]) -> dict[str, str]:
    """Engine label -> project label, for those of ``labels`` that are kept.

    ``corpus/lexicons/label_maps.tsv`` decides (an engine's own rows before those of ``any``, case
    ignored), ``extra`` (``config.ner.label_map``) goes before it, an empty value drops a label.
    Raises ``BackendError`` where nothing is kept.
    """
    labels = sorted(set(labels))
    table = {row.term.casefold(): row.value for row in read_lexicon("label_maps")}
    mapped = {}
    for label in labels:
        known = table.get(f"{engine}:{label}".casefold(), table.get(f"{_ANY}:{label}".casefold()))
        project = extra.get(label, known)
        if project:
            mapped[label] = project
    if not mapped:
        raise BackendError(
            f"the {engine} model's labels ({', '.join(labels) or 'none'}) match none of ours; "
            'map them with ner.label_map, for example { PER = "PERSON" }'
        )
    return mapped
