from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.document import Article, Document, Label, Mention
from pipeline.overlap import choose, resolve_overlaps

STAGES = ("ner", "second_pass", "percent", "year", "money")


def mention(start: int, end: int, label: str, score: float = 0.9, stage: str = "ner") -> Mention:
    return Mention(start, end, label, "字" * (end - start), score, stage, "test")


def test_a_person_inside_an_organisation_is_dropped() -> None:
    person = mention(0, 3, Label.PERSON, 0.99)
    org = mention(0, 6, Label.ORG, 0.5)
    assert choose([person, org], STAGES) == [org]


def test_a_year_inside_an_organisation_name_is_dropped() -> None:
    year = mention(0, 5, Label.YEAR, 1.0, "year")
    org = mention(0, 8, Label.ORG, 0.5)
    assert choose([year, org], STAGES) == [org]


def test_of_equal_length_the_higher_score_wins() -> None:
    low, high = mention(0, 3, Label.ORG, 0.4), mention(0, 3, Label.COMPANY, 0.6)
    assert choose([low, high], STAGES) == [high]


def test_of_equal_score_the_earlier_stage_wins() -> None:
    late = mention(0, 3, Label.COMPANY, 0.5, "second_pass")
    early = mention(0, 3, Label.PERSON, 0.5, "ner")
    assert choose([late, early], STAGES) == [early]


def test_a_name_that_crosses_a_quantity_yields_to_it() -> None:
    name = mention(3, 12, Label.COMPANY, 0.9)
    year = mention(0, 5, Label.YEAR, 1.0, "year")
    assert choose([name, year], STAGES) == [year]


def test_mentions_that_touch_are_both_kept() -> None:
    first, second = mention(0, 2, Label.COMPANY), mention(2, 4, Label.COMPANY)
    assert choose([second, first], STAGES) == [first, second]


def test_document_keeps_its_other_fields() -> None:
    article = Article("a", "字" * 10)
    document = Document(article, article.text).with_mentions(
        [mention(0, 3, Label.PERSON), mention(0, 6, Label.ORG)]
    )
    settled = resolve_overlaps(document, STAGES)
    assert [m.label for m in settled.mentions] == [Label.ORG]
    assert settled.article is article


spans = st.tuples(
    st.integers(0, 60),
    st.integers(1, 12),
    st.sampled_from([str(label) for label in Label]),
    st.floats(0, 1),
    st.sampled_from(STAGES),
).map(lambda t: mention(t[0], t[0] + t[1], t[2], t[3], t[4]))


@settings(max_examples=200, deadline=None)
@given(st.lists(spans, max_size=25), st.randoms())
def test_no_two_chosen_overlap_and_order_of_arrival_is_nothing(pool, random) -> None:  # type: ignore[no-untyped-def]
    chosen = choose(pool, STAGES)
    for left, right in pairwise(chosen):
        assert left.end <= right.start
    shuffled = list(pool)
    random.shuffle(shuffled)
    assert choose(shuffled, STAGES) == chosen
    assert bool(chosen) == bool(pool) or not chosen
