"""Scores: held against seqeval, nervaluate, scikit-learn where definitions agree, and by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config import Config
from pipeline.errors import InputError
from pipeline.evaluate import (
    Options,
    Resampling,
    System,
    compare,
    evaluate,
    system_from_articles,
    system_from_extractor,
    system_from_run,
)
from pipeline.evaluate.agreement import agreement, cohen_kappa, krippendorff_alpha
from pipeline.evaluate.clusters import Fact
from pipeline.evaluate.differences import differences, pairings
from pipeline.evaluate.gold import GoldArticle, GoldMention, norm_from_json, norm_to_json, read_gold
from pipeline.evaluate.system import Prediction
from pipeline.evaluate.tallies import SCHEMES, Key, score, tally
from pipeline.interop.tags import spans_of

NO_INTERVALS = Options(resampling=None, slices=())
TEXT = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉"


def mention(start: int, end: int, label: str, norm: Any = None, score: Any = None) -> GoldMention:
    return GoldMention(start, end, label, TEXT[start:end], norm_from_json(norm), score)


def article(name: str, *mentions: GoldMention, facts: Any = (), source: str = "") -> GoldArticle:
    return GoldArticle(name, TEXT, source, None, None, mentions, facts)


TAGS = st.lists(
    st.sampled_from(["O", "B-PERSON", "I-PERSON", "B-ORG", "I-ORG", "B-YEAR", "I-YEAR"]),
    min_size=len(TEXT),
    max_size=len(TEXT),
)
TAGGED = st.lists(st.tuples(TAGS, TAGS), min_size=1, max_size=4)


def from_tags(tags: Sequence[str]) -> tuple[GoldMention, ...]:
    return tuple(mention(*span) for span in spans_of(tags))


def of_tagged(tagged: Sequence[tuple[list[str], list[str]]]) -> tuple[list[GoldArticle], System]:
    gold = [article(f"a{n}", *from_tags(tags)) for n, (tags, _) in enumerate(tagged)]
    return gold, System("tags", tuple(Prediction(from_tags(tags)) for _, tags in tagged))


LABELS = ("PERSON", "ORG", "YEAR")


@given(tagged=TAGGED)
@settings(deadline=None, max_examples=60)
def test_strict_is_what_seqeval_counts(tagged: list[tuple[list[str], list[str]]]) -> None:
    from seqeval.metrics.sequence_labeling import precision_recall_fscore_support

    gold, system = of_tagged(tagged)
    tallies = tally(gold, system, LABELS, ("strict",))
    ours = dict(zip(tallies.keys, score(tallies.counts.sum(0)), strict=True))
    theirs = precision_recall_fscore_support(
        [tags for tags, _ in tagged],
        [tags for _, tags in tagged],
        average="micro",
        zero_division=0,
    )
    assert ours[Key("strict", "micro")] == pytest.approx(np.array(theirs[:3], dtype=float))


@given(tagged=TAGGED)
@settings(deadline=None, max_examples=60)
def test_every_scheme_is_what_nervaluate_counts(
    tagged: list[tuple[list[str], list[str]]],
) -> None:
    from nervaluate import Evaluator

    gold, system = of_tagged(tagged)
    tallies = tally(gold, system, LABELS)
    ours = dict(zip(tallies.keys, score(tallies.counts.sum(0)), strict=True))

    def spans(mentions: Sequence[GoldMention]) -> list[dict[str, Any]]:
        return [{"label": m.label, "start": m.start, "end": m.end - 1} for m in mentions]

    theirs = Evaluator(
        [spans(a.mentions) for a in gold],
        [spans(p.mentions) for p in system.predictions],
        tags=list(LABELS),
        loader="dict",
    ).evaluate()
    names = dict(zip(SCHEMES, ("strict", "exact", "partial", "ent_type"), strict=True))
    for scheme, name in names.items():
        by_label = {label: found[name] for label, found in theirs["entities"].items()}
        for label, found in {"micro": theirs["overall"][name], **by_label}.items():
            wanted = [found.precision, found.recall, found.f1]
            assert ours[Key(scheme, label)] == pytest.approx(wanted), (scheme, label)


def test_strict_spends_no_gold_mention_on_an_overlapping_answer() -> None:
    """Where nervaluate differs: an overlapping answer that stands first takes the gold mention."""
    gold = [article("a", mention(2, 6, "ORG"))]
    system = System("s", (Prediction((mention(0, 3, "ORG"), mention(2, 6, "ORG"))),))
    frame = evaluate(gold, system, NO_INTERVALS)["spans"]
    strict = frame[frame["measure"] == "strict"].set_index("label")
    assert strict.loc["ORG", "correct"] == 1
    assert (strict.loc["ORG", "precision"], strict.loc["ORG", "recall"]) == (0.5, 1.0)


PERCENT = {"value": 17, "unit": "percent", "relation": "=", "direction": None}
GOLD = [
    article(
        "one",
        mention(0, 2, "PERSON", "甲乙"),
        mention(3, 4, "PERSON", "甲乙"),
        mention(5, 9, "COMPANY", "己庚辛壬"),
        mention(10, 12, "PERCENT", PERCENT),
        mention(13, 15, "YEAR", [2023, 2023]),
        facts=(("甲乙", "己庚辛壬", "", "current"), ("甲乙", "", "丁", "former")),
        source="wire",
    ),
    article("two", mention(0, 2, "PERSON", "甲乙"), source="daily"),
]
OURS = System(
    "ours",
    (
        Prediction(
            (
                mention(0, 2, "PERSON", score=0.9),
                mention(3, 4, "PERSON", score=0.8),
                mention(5, 8, "COMPANY", score=0.7),
                mention(10, 12, "PERCENT", {**PERCENT, "value": 71}, 1.0),
                mention(13, 15, "YEAR_REL", [2023, 2023], 1.0),
                mention(17, 18, "PERSON", score=0.2),
            ),
            (((0, 2), "p1"), ((3, 4), "p2"), ((5, 8), "c1")),
            (Fact("甲乙", "己庚辛壬", "丁", "current"),),
        ),
        Prediction((mention(0, 2, "PERSON", score=0.9),), (((0, 2), "p1"),), ()),
    ),
)


def test_values_entities_affiliations_and_slices_by_hand() -> None:
    frames = evaluate(GOLD, OURS, Options(resampling=None))
    values = frames["values"].set_index(["label", "field"])["score"]
    assert values["PERCENT", "span and value (F1)"] == 0.0
    assert (values["PERCENT", "value"], values["PERCENT", "unit"]) == (0.0, 1.0)
    assert ("YEAR", "all") not in values.index
    entities = frames["entities"].set_index("label")
    assert entities.loc["PERSON", "recall"] == pytest.approx((0.5 + 0.5 + 1) / 3)
    assert entities.loc["PERSON", "precision"] == pytest.approx(3 / 4)
    affiliations = frames["affiliations"].set_index("label")["f1"]
    assert affiliations["person, organisation"] == 1.0
    assert affiliations["all four"] == 0.0
    slices = frames["slices"]
    daily = slices[(slices["value"] == "daily") & (slices["label"] == "micro")]
    assert daily["f1"].tolist() == [1.0]
    assert frames["confusion"].set_index("gold").loc["YEAR", "YEAR_REL"] == 1
    assert frames["confusion"].set_index("gold").loc["none", "PERSON"] == 1


def test_kinds_of_errors() -> None:
    found = [(d.kind, d.label) for d in differences(GOLD, OURS, ("PERSON", "COMPANY", "PERCENT"))]
    assert found == [("boundary", "COMPANY"), ("value", "PERCENT"), ("spurious", "PERSON")]
    pairs = pairings(
        [mention(0, 4, "ORG"), mention(4, 8, "ORG")],
        [mention(2, 5, "COMPANY"), mention(3, 8, "ORG"), mention(0, 4, "PERSON")],
    )
    assert [(p.gold and p.gold.start, p.answer and p.answer.start) for p in pairs] == [
        (0, 0),
        (None, 2),
        (4, 3),
    ]


def test_calibration_and_thresholds() -> None:
    frames = evaluate(GOLD, OURS, Options(resampling=None, thresholds=True))
    people = frames["calibration"].set_index(["label", "low"])
    assert people.loc[("PERSON", 0.9), "precision"] == 1.0
    assert people.loc[("PERSON", 0.2), "precision"] == 0.0
    ece = (2 * abs(0.9 - 1) + abs(0.8 - 1) + abs(0.2 - 0)) / 4
    assert people.loc[("PERSON", 0.9), "ece"] == pytest.approx(ece)
    curve = frames["thresholds"]
    curve = curve[curve["label"] == "PERSON"]
    assert curve["threshold"].tolist() == [0.9, 0.8, 0.2]
    assert curve["precision"].tolist() == pytest.approx([1.0, 1.0, 0.75])
    assert curve["recall"].tolist() == pytest.approx([2 / 3, 1.0, 1.0])


def test_comparison_of_two_systems() -> None:
    perfect = system_from_articles(GOLD, GOLD, "perfect")
    frames = compare(GOLD, OURS, perfect, Options(resampling=Resampling(200)))
    rows = frames["comparison"].set_index(["measure", "label", "field"])
    assert rows.loc[("strict", "COMPANY", ""), "B - A"] == 1.0
    assert rows.loc[("strict", "COMPANY", ""), "p"] == 1.0  # one article alone can tell nothing
    assert rows.loc[("strict", "micro", ""), "B: perfect"] == 1.0
    assert set(frames["differences"]["of"]) == {"A"}
    assert len(compare(GOLD, perfect, perfect)["differences"]) == 0


def test_systems_that_do_not_fit_the_corpus_are_refused() -> None:
    with pytest.raises(InputError, match="no article 'two'"):
        system_from_articles(GOLD[:1], GOLD, "half")
    other = GoldArticle("two", "x", "", None, None, (), ())
    with pytest.raises(InputError, match="another text"):
        system_from_articles([GOLD[0], other], GOLD, "other")


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
def test_a_run_scores_as_its_extractor_does(
    form: str, tmp_path: Path, light_config: Config, article_text: str
) -> None:
    from pipeline.extractor import Extractor
    from pipeline.runner import run

    texts = {
        "a": article_text,
        "b": "公司去年營收增長三成,今年虧損約2億元。\n2021年至今沒有分紅。\n",
    }
    gold = [GoldArticle(n, text, "", None, None, (), ()) for n, text in texts.items()]
    source = tmp_path / "gold.jsonl"
    rows = [json.dumps({"id": n, "text": text}, ensure_ascii=False) for n, text in texts.items()]
    source.write_text("\n".join(rows), encoding="utf-8")
    chosen = light_config.model_copy(
        update={"output": light_config.output.model_copy(update={"formats": (form,)})}
    )
    run(chosen, [str(source)], tmp_path / "out")
    from_run = system_from_run(tmp_path / "out", gold)
    direct = system_from_extractor(Extractor(light_config), gold)

    def places(system: System) -> list[list[tuple[Any, ...]]]:
        return [
            sorted((m.start, m.end, m.label, m.text, m.norm) for m in p.mentions)
            for p in system.predictions
        ]

    assert places(from_run) == places(direct)
    assert sum(len(p.mentions) for p in direct.predictions) > 8
    with pytest.raises(InputError, match="no article with the text"):
        system_from_run(tmp_path / "out", GOLD)
    with pytest.raises(InputError, match=r"no articles\.parquet"):
        system_from_run(tmp_path, gold)


@pytest.mark.parametrize("mentions", [(), (mention(0, 2, "PERSON"),)])
def test_corpora_with_next_to_nothing(mentions: tuple[GoldMention, ...], tmp_path: Path) -> None:
    from pipeline.evaluate.page import write_page

    gold = [article("a", *mentions)]
    nothing = System("s", (Prediction(()),))
    frames = evaluate(gold, nothing, Options(thresholds=True))
    assert frames["spans"].set_index(["measure", "label"]).loc[("strict", "micro"), "f1"] == 0.0
    assert frames["spans"]["f1_low"].isna().all()
    assert len(compare(gold, nothing, nothing)["differences"]) == 0
    write_page(tmp_path / "page.html", gold, nothing, frames, LABELS)
    with pytest.raises(InputError, match="no article"):
        evaluate([], System("s", ()))


def test_normal_forms_survive_json() -> None:
    for norm in (
        "陈默",
        [2023, 2024],
        {"value": 17, "unit": "percent", "relation": "=", "direction": None},
        {"low": 10, "high": 15.5, "unit": "percent", "relation": "~", "direction": "up"},
        {"value": None, "currency": "CNY", "relation": "~"},
        None,
    ):
        assert norm_to_json(norm_from_json(norm)) == norm


def test_gold_lines_may_hold_line_separators(tmp_path: Path) -> None:
    row = {"id": "a", "text": "甲\u2028乙", "mentions": [
        {"start": 2, "end": 3, "label": "PERSON", "text": "乙"}]}  # fmt: skip
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    assert read_gold(path)[0].mentions[0].text == "乙"


def test_agreement_against_scikit_learn_and_by_hand() -> None:
    from collections import Counter

    from sklearn.metrics import cohen_kappa_score  # type: ignore[import-untyped]

    rng = np.random.default_rng(1)
    one, two = rng.integers(0, 3, 200), rng.integers(0, 3, 200)
    two[:120] = one[:120]
    table = Counter(zip(one.tolist(), two.tolist(), strict=True))
    assert cohen_kappa(table) == pytest.approx(cohen_kappa_score(one, two))
    # Krippendorff (2011), "Computing Krippendorff's alpha-reliability", section B
    first, second = "aabbdcccedda", "babbbccceddd"
    assert krippendorff_alpha(Counter(zip(first, second, strict=True))) == pytest.approx(
        0.692, abs=5e-4
    )
    assert cohen_kappa(Counter({(None, None): 5})) is None
    assert krippendorff_alpha(Counter({(None, None): 5})) is None


def test_agreement_frame() -> None:
    theirs = [
        article(
            "one",
            mention(0, 2, "PERSON"),
            mention(5, 9, "ORG"),
            mention(10, 12, "PERCENT", {**PERCENT, "value": 71}),
        )
    ]
    frame = agreement(GOLD, theirs).set_index("label")
    assert frame.loc["PERSON", "f1"] == pytest.approx(2 * 1 / (2 + 1))
    assert frame.loc["PERCENT", "value_agreement"] == 0.0
    assert frame.loc["PERCENT", "kappa"] == 1.0
    assert frame.loc["all", "type_kappa"] == pytest.approx(4 / 7)
    with pytest.raises(InputError, match="share no article"):
        agreement(GOLD[1:], theirs)
