"""From mentions to the entities of one article."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pipeline.document import Diagnostic, Document, Label
from pipeline.entities.definitions import Definition, find_definitions
from pipeline.entities.groups import Groups
from pipeline.entities.linking import Link, Linker
from pipeline.entities.model import Alias, Entity
from pipeline.entities.organisations import join_organisations
from pipeline.entities.people import join_people
from pipeline.names.people import clean, fold, has_han, parse_person

_ORGANISATIONS = (Label.COMPANY, Label.ORG)
_LINK_SCORE = 0.5


def resolve_entities(
    document: Document, linker: Linker | None = None
) -> tuple[tuple[Entity, ...], tuple[Diagnostic, ...]]:
    """Group the name mentions of a document into entities, sorted by their first mention.

    Every merge of different forms has a rule; a name that fits several entities stays apart and
    gives a diagnostic. Companies are linked to the lexicon of ``linker`` where it knows them.
    """
    people = [i for i, m in enumerate(document.mentions) if m.label == Label.PERSON]
    organisations = [i for i, m in enumerate(document.mentions) if m.label in _ORGANISATIONS]
    groups = Groups([*people, *organisations])
    definitions = find_definitions(document, sorted([*people, *organisations]))
    _join_defined(document, definitions, groups)
    diagnostics = join_people(document, people, groups)
    diagnostics += join_organisations(document, organisations, groups, linker)
    by_root: dict[int, list[Definition]] = {}
    for definition in definitions:
        by_root.setdefault(groups.find(definition.mention), []).append(definition)
    entities = [
        _entity(document, members, groups.rules(root), by_root.get(root, []), linker)
        for root, members in groups.members().items()
    ]
    return tuple(entities), tuple(diagnostics)


def _join_defined(document: Document, definitions: Sequence[Definition], groups: Groups) -> None:
    """Merge a defined name with the mentions that have exactly its form (and its first mention)."""
    mentions = document.mentions
    by_name: dict[tuple[bool, str], list[int]] = {}
    for root in groups.members():
        m = mentions[root]
        name = fold(document.text[m.start : m.end])
        by_name.setdefault((m.label == Label.PERSON, name), []).append(root)
    for d in definitions:
        if d.kind in ("code", "generic"):
            continue
        person = mentions[d.mention].label == Label.PERSON
        if person and parse_person(clean(d.text)).kind == "surname":
            continue
        for other in by_name.get((person, fold(d.text)), []):
            groups.merge(d.mention, other, "definition")


def _entity(
    document: Document,
    members: list[int],
    rules: tuple[str, ...],
    definitions: Sequence[Definition],
    linker: Linker | None,
) -> Entity:
    mentions, text = document.mentions, document.text
    person = mentions[members[0]].label == Label.PERSON
    names = {i: clean(text[mentions[i].start : mentions[i].end]) for i in members}
    counts = Counter(fold(name) for name in names.values())
    best = min(
        members,
        key=lambda i: (not has_han(names[i]), -len(names[i]), -counts[fold(names[i])], i),
    )
    label = Label.PERSON if person else _label(document, members)
    link = None if person else _link(document, members, names, definitions, linker)
    kind = parse_person(names[best]).kind if person else label.lower()
    return Entity(
        id=f"{document.article.id}:{label}:{mentions[best].start}",
        kind=kind,
        name=names[best],
        name_raw=mentions[best].text,
        mentions=tuple(members),
        aliases=_aliases(document, members, names, best, definitions, rules),
        link_id=link.id if link is not None else None,
        link_name=link.name if link is not None else None,
        rules=rules,
    )


def _label(document: Document, members: Sequence[int]) -> str:
    votes: Counter[str] = Counter()
    for i in members:
        votes[document.mentions[i].label] += 1
    return min(votes, key=lambda label: (-votes[label], label))


def _link(
    document: Document,
    members: Sequence[int],
    names: dict[int, str],
    definitions: Sequence[Definition],
    linker: Linker | None,
) -> Link | None:
    """The firm of the entity: by stock code, else by its longest name that the lexicon knows."""
    if linker is None:
        return None
    for d in definitions:
        link = linker.by_code(d.text) if d.kind == "code" else None
        if link is not None and any(linker.same_firm(names[i], link) for i in members):
            return link
    for i in sorted(members, key=lambda i: (-len(names[i]), i)):
        m = document.mentions[i]
        link = linker.link(names[i], m.label, certain=m.score >= _LINK_SCORE)
        if link is not None:
            return link
    return None


def _aliases(
    document: Document,
    members: Sequence[int],
    names: dict[int, str],
    best: int,
    definitions: Sequence[Definition],
    rules: tuple[str, ...],
) -> tuple[Alias, ...]:
    raw, mentions = document.article.text, document.mentions
    seen = {fold(names[best])}
    found: list[Alias] = []
    for d in definitions:
        key = fold(d.text)
        if d.kind != "generic" and key not in seen:
            seen.add(key)
            found.append(Alias(clean(d.text), raw[d.start : d.end], "definition", d.start, d.end))
    evidence = "lexicon" if rules and set(rules) <= {"lexicon", "same name"} else "short form"
    for i in members:
        key = fold(names[i])
        if key in seen:
            continue
        seen.add(key)
        m = mentions[i]
        found.append(Alias(names[i], m.text, evidence, m.start, m.end))
    return tuple(sorted(found, key=lambda alias: (alias.start, alias.end)))
