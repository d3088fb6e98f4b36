"""``zhnews floors``: hold scores to their floors, or raise the floors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.options import BackendOption, ConfigOption, ModelOption, say, settings


def floors_command(
    file: Annotated[Path, typer.Argument(help="Floors file, JSON.")] = Path("tests/floors.json"),
    update: Annotated[bool, typer.Option("--update", help="Raise floors to the scores.")] = False,
    lower: Annotated[
        str | None,
        typer.Option("--lower", help="Let floors fall; the reason is stored with each."),
    ] = None,
    config: ConfigOption = None,
    backend: BackendOption = None,
    model: ModelOption = None,
) -> None:
    """Hold the scores on pinned gold corpora to their floors.

    Example: zhnews floors tests/floors.json --update
    """
    from pipeline.evaluate import floors
    from pipeline.extractor import Extractor

    pinned = floors.read_floors(file)
    extractor = Extractor(settings(config, {"ner.backend": backend, "ner.model": model}))
    measured = floors.measure_all(pinned, file.parent, extractor)
    here = {found.name for found in measured}
    for name, corpus in pinned.corpora.items():
        if name not in here:
            say(f"{name}: {corpus.path} is not here; left as it is")
    if update or lower:
        floors.write_floors(file, floors.updated(pinned, measured, lower))
        say(f"{file} holds the scores of {', '.join(sorted(here)) or 'no corpus'}")
        return
    problems = []
    for found in measured:
        corpus = pinned.corpora[found.name]
        for name, value in found.scores.items():
            floor = corpus.scores.get(name)
            typer.echo(f"{found.name}\t{name}\t{value:.4f}\t{'' if floor is None else floor}")
        problems += floors.shortfalls(corpus, found.sha256, found.scores)
    for problem in problems:
        say(problem)
    if problems:
        raise typer.Exit(1)
