"""``zhnews convert``, ``zhnews export`` and ``zhnews agreement``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.options import FORMS, say, show_frames

if TYPE_CHECKING:
    from pipeline.interop.formats import Written


def convert_command(
    source: Annotated[Path, typer.Argument(metavar="IN", help="Annotated articles.")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="Where to write them.")],
    form: Annotated[str, typer.Option("--from", help=f"Form of IN: {FORMS}.")] = "gold",
    to: Annotated[str, typer.Option("--to", help="Form of OUT.")] = "gold",
) -> None:
    """Convert annotated articles between the forms of annotation tools and training code.

    Example: zhnews convert corpus/gold/sample.jsonl sample.conll --to bioes
    """
    from pipeline.interop import read_corpus, write_corpus

    _told(write_corpus(read_corpus(source, form), target, to), target)


def export_command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Output folder of `zhnews run`.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write.")],
    to: Annotated[str, typer.Option("--to", help=f"Form: {FORMS}.")] = "gold",
    articles: Annotated[
        list[str] | None,
        typer.Option(help="Where the articles are, if they moved since the run; repeatable."),
    ] = None,
) -> None:
    """Write the mentions of a run as annotations, for people to correct.

    Example: zhnews export out/ --to doccano -o to_correct.jsonl
    """
    from pipeline.interop import write_corpus
    from pipeline.interop.export import articles_of_run

    found, missing = articles_of_run(run, articles)
    for name in missing:
        say(f"{name}: its text is not in the input any more; left out")
    _told(write_corpus(found, output, to), output)


def agreement_command(
    first: Annotated[Path, typer.Argument(metavar="A", help="One annotator's articles.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="The other's, of the same texts.")],
    form: Annotated[str, typer.Option("--from", help=f"Form of both: {FORMS}.")] = "gold",
    labels: Annotated[str | None, typer.Option(help="Labels, with commas; all if unset.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure how far two annotators agree: F1, Cohen's kappa, Krippendorff's alpha.

    Example: zhnews agreement first.jsonl second.jsonl
    """
    from pipeline.evaluate.agreement import agreement
    from pipeline.interop import read_corpus

    frame = agreement(
        read_corpus(first, form),
        read_corpus(second, form),
        tuple(labels.split(",")) if labels else None,
    )
    show_frames({"agreement": frame}, as_json=as_json)


def _told(written: Written, path: Path) -> None:
    say(f"{written.articles} articles, {written.mentions} mentions -> {path}")
    for reason, count in written.lost.items():
        say(f"the form cannot hold {reason}: {count}")
