"""``zhnews evaluate``: score a configuration, a run or a file of answers; or compare two."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.options import (
    FORMS,
    BackendOption,
    ConfigOption,
    ModelOption,
    say,
    settings,
    show_frames,
)

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.evaluate.gold import GoldArticle
    from pipeline.evaluate.system import System


def evaluate_command(
    gold: Annotated[
        Path, typer.Argument(metavar="GOLD", help="Gold corpus, JSON lines; or see --from.")
    ],
    form: Annotated[
        str,
        typer.Option("--from", help=f"Form of the gold corpus and of answers in files: {FORMS}."),
    ] = "gold",
    run: Annotated[
        Path | None, typer.Option("--run", help="Score the tables of this output folder.")
    ] = None,
    compare: Annotated[
        tuple[str, str] | None,
        typer.Option(
            help="Two systems, each a backend name, a TOML file, an output folder or a file."
        ),
    ] = None,
    labels: Annotated[
        str | None, typer.Option(help="Labels to score, with commas: PERSON,COMPANY.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="Write a page of every error (HTML).")
    ] = None,
    thresholds: Annotated[
        bool, typer.Option("--thresholds", help="Add scores by threshold of confidence.")
    ] = False,
    errors: Annotated[bool, typer.Option("--errors", help="List every difference.")] = False,
    resamples: Annotated[
        int, typer.Option(min=0, help="Bootstrap resamples; 0: no intervals.")
    ] = 2000,
    seed: Annotated[int, typer.Option(help="Seed of the resampling.")] = 20250926,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    config: ConfigOption = None,
    backend: BackendOption = None,
    model: ModelOption = None,
) -> None:
    """Score on a gold corpus: spans, normal forms, entities, affiliations, with intervals.

    Example: zhnews evaluate corpus/gold/sample.jsonl --backend jieba --report errors.html
    """
    from pipeline.evaluate import LABELS, Options, Resampling, evaluate
    from pipeline.evaluate import compare as compare_systems
    from pipeline.interop import read_corpus

    corpus = read_corpus(gold, form)
    options = Options(
        labels=tuple(labels.split(",")) if labels else LABELS,
        resampling=Resampling(resamples, seed=seed) if resamples else None,
        thresholds=thresholds,
    )
    if compare is not None:
        first, second = (_system(name, corpus, form) for name in compare)
        frames = compare_systems(corpus, first, second, options)
        if not errors:
            found = len(frames.pop("differences"))
            say(f"{found} errors that only one of them makes; --errors lists them")
        if not as_json:
            frames["comparison"]["p"] = frames["comparison"]["p"].map("{:.4f}".format)
        show_frames(frames, as_json=as_json)
        return
    if run is not None:
        system = _system(str(run), corpus, form)
    else:
        chosen = settings(config, {"ner.backend": backend, "ner.model": model})
        from pipeline.evaluate.system import system_from_extractor
        from pipeline.extractor import Extractor

        system = system_from_extractor(Extractor(chosen), corpus, chosen.ner.backend)
    frames = evaluate(corpus, system, options)
    if report is not None:
        from pipeline.evaluate.page import write_page

        write_page(report, corpus, system, frames, options.labels)
        say(f"every error is in {report}")
    if not errors:
        found = len(frames.pop("differences"))
        say(f"{found} errors; --errors lists them, --report FILE.html shows them in their text")
    show_frames(frames if as_json else _brief(frames), as_json=as_json)


def _brief(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """What a terminal is wide enough for; ``--json`` has every row and column."""
    brief = dict(frames)
    for name in ("spans", "entities", "affiliations", "slices"):
        frame = brief[name]
        kept = [c for c in frame.columns if not c.startswith(("precision_", "recall_"))]
        brief[name] = frame[kept]
    spans = brief["spans"]
    if len(spans):
        brief["spans"] = spans[(spans["measure"] != "exact") | (spans["label"] == "micro")]
    for name in ("slices", "calibration"):
        if len(brief[name]):
            brief[name] = brief[name][brief[name]["label"] == "micro"]
    return brief


def _system(name: str, corpus: Sequence[GoldArticle], form: str) -> System:
    """The system that a name stands for: an output folder, a config, answers, or a backend."""
    from dataclasses import replace

    from pipeline.evaluate.system import (
        system_from_articles,
        system_from_extractor,
        system_from_run,
    )
    from pipeline.interop import read_corpus

    path = Path(name)
    if path.is_dir() and form != "brat":
        return system_from_run(path, corpus)
    if path.exists() and path.suffix != ".toml":
        return system_from_articles(read_corpus(path, form), corpus, name)
    from pipeline.extractor import Extractor

    toml = path.suffix == ".toml"
    chosen = settings(path, {}) if toml else settings(None, {"ner.backend": name})
    return replace(system_from_extractor(Extractor(chosen), corpus), name=name)
