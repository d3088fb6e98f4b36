"""The ``zhnews`` command: a thin layer over plain functions.

Words go to standard error, data to standard output. Exit codes: 0 done, 1 internal failure,
2 usage or configuration (another run holding the output is one), 3 done but some articles failed,
143 ended by SIGTERM. Heavy imports stand inside commands, so
that ``zhnews --help`` answers at once.
"""

from __future__ import annotations

import sys
from datetime import datetime
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline import __version__
from pipeline.commands import register
from pipeline.errors import (
    BackendError,
    ConfigError,
    InputError,
    LockedError,
    StageError,
    StaleError,
    ZhnewsError,
)

if TYPE_CHECKING:
    from pipeline.config import Config


class ExitCode(IntEnum):
    """What the process answers."""

    DONE = 0
    INTERNAL = 1
    USAGE = 2
    SOME_FAILED = 3


class SchemaFormat(StrEnum):
    """How ``zhnews schema`` prints."""

    MARKDOWN = "markdown"
    JSON = "json"


app = typer.Typer(
    name="zhnews",
    help="Tables of the people, companies, percentages, years and money in Chinese news articles.",
    epilog="To begin: zhnews run articles/ -o out/, then zhnews report out/ --open",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

_READ = "What is read"
_NAMES = "How names are found"
_AGAIN = "When it is run again"
_OPERATE = "For schedulers and databases"
_LOOK = "Look at a run"
_KNOW = "What there is"

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="TOML file; zhnews.toml here is read if it exists."),
]
BackendOption = Annotated[
    str | None, typer.Option("--backend", help="NER backend (see `zhnews backends`).")
]
ModelOption = Annotated[
    str | None, typer.Option("--model", help="Path or id of the model, where the backend needs it.")
]
RegionOption = Annotated[
    str | None,
    typer.Option("--region", help="Where all articles are from, if you know: TW, HK or CN."),
]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"zhnews {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    pass


@app.command("run")
def run_command(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT", help="Folders, files, URLs (s3://...), or - for standard input."
        ),
    ],
    output: Annotated[
        str, typer.Option("--output", "-o", help="Folder for the tables, or a URL (s3://...).")
    ],
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            "-f",
            help="parquet (the default), csv, jsonl, duckdb, sqlite; repeatable.",
        ),
    ] = None,
    preview: Annotated[
        int, typer.Option(help="Print so many rows of each table when done; needs parquet.")
    ] = 0,
    workers: Annotated[
        int | None, typer.Option("--workers", "-w", help="Processes at work; 1 if not given.")
    ] = None,
    config: ConfigOption = None,
    region: RegionOption = None,
    glob: Annotated[
        str | None,
        typer.Option(help="Which files of a folder: '*.txt'.", rich_help_panel=_READ),
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(
            help="Read files with this encoding (big5, gb18030 ...); do not detect it.",
            rich_help_panel=_READ,
        ),
    ] = None,
    text_column: Annotated[
        str | None,
        typer.Option(
            help="Column of the text in CSV, TSV, JSONL and Parquet.", rich_help_panel=_READ
        ),
    ] = None,
    id_column: Annotated[
        str | None, typer.Option(help="Column of the record's id.", rich_help_panel=_READ)
    ] = None,
    title_column: Annotated[
        str | None, typer.Option(help="Column of the title.", rich_help_panel=_READ)
    ] = None,
    date_column: Annotated[
        str | None, typer.Option(help="Column of the publication date.", rich_help_panel=_READ)
    ] = None,
    limit: Annotated[
        int | None, typer.Option(help="At most so many articles.", rich_help_panel=_READ)
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(help="Only files last changed at or after this time.", rich_help_panel=_READ),
    ] = None,
    backend: Annotated[
        str | None,
        typer.Option(
            "--backend", help="NER backend (see `zhnews backends`).", rich_help_panel=_NAMES
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            help="Path or id of the model, where the backend needs it.",
            rich_help_panel=_NAMES,
        ),
    ] = None,
    prune: Annotated[
        bool,
        typer.Option(
            "--prune",
            help="Drop the rows of articles gone from the input.",
            rich_help_panel=_AGAIN,
        ),
    ] = False,
    rebuild: Annotated[
        bool,
        typer.Option(
            "--rebuild",
            help="Process every article anew, where settings or model have changed.",
            rich_help_panel=_AGAIN,
        ),
    ] = False,
    retry_failed: Annotated[
        bool,
        typer.Option(
            "--retry-failed",
            help="Try articles again that were set aside.",
            rich_help_panel=_AGAIN,
        ),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Say what would be done; write nothing.", rich_help_panel=_AGAIN
        ),
    ] = False,
    partition: Annotated[
        str | None,
        typer.Option(help="Parquet in folders by: published_month.", rich_help_panel=_OPERATE),
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option(
            help="DuckDB or SQLite file to bring up to date, in one transaction.",
            rich_help_panel=_OPERATE,
        ),
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option(help="Who works: local, serial, ray.", rich_help_panel=_OPERATE),
    ] = None,
    work: Annotated[
        Path | None,
        typer.Option(
            help="Where a run whose output is a URL keeps its work between runs.",
            rich_help_panel=_OPERATE,
        ),
    ] = None,
    article_timeout: Annotated[
        float | None,
        typer.Option(help="Give up an article after so many seconds.", rich_help_panel=_OPERATE),
    ] = None,
    log_json: Annotated[
        bool,
        typer.Option("--log-json", help="Log one JSON object a line.", rich_help_panel=_OPERATE),
    ] = False,
    metrics: Annotated[
        Path | None,
        typer.Option(
            help="Write the run's figures here in Prometheus text format.",
            rich_help_panel=_OPERATE,
        ),
    ] = None,
) -> None:
    """Turn a folder of articles into tables; run again, only what is new or changed is processed.

    Example: zhnews run articles/ -o out/ --format parquet --format csv
    """
    from pipeline.operations import RunOrder, run_and_tell
    from pipeline.runner import Options

    settings = _settings(
        config,
        {
            "output.formats": tuple(formats) if formats else None,
            "output.partition": partition,
            "output.into": str(into) if into is not None else None,
            "run.engine": engine,
            "run.work": str(work) if work is not None else None,
            "run.article_timeout": article_timeout,
            "run.log_json": log_json or None,
            "input.glob": glob,
            "input.encoding": encoding,
            "input.text_column": text_column,
            "input.id_column": id_column,
            "input.title_column": title_column,
            "input.date_column": date_column,
            "input.limit": limit,
            "ner.backend": backend,
            "ner.model": model,
            "run.workers": workers,
            "region": region,
        },
    )
    options = Options(prune, rebuild, retry_failed, dry_run, since)
    report = run_and_tell(settings, RunOrder(inputs, output, options, metrics))
    if preview and not dry_run:
        from pipeline.preview import print_preview

        print_preview(report.out_dir, settings.output.formats, preview)
    if report.failed and not dry_run:
        raise typer.Exit(ExitCode.SOME_FAILED)


@app.command("status", rich_help_panel=_LOOK)
def status_command(
    output: Annotated[str, typer.Argument(help="Output folder or URL of `zhnews run`.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object for each article.")
    ] = False,
) -> None:
    """Show what became of every article of an output folder.

    Example: zhnews status out/ --json | jq 'select(.status == "quarantined")'
    """
    from pipeline.operations import status_json, status_lines

    for line in status_json(output) if as_json else status_lines(output):
        typer.echo(line)


@app.command("extract")
def extract_command(
    file: Annotated[str, typer.Argument(help="One article, or - for standard input.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, tables by name.")] = False,
    as_html: Annotated[
        bool, typer.Option("--html", help="Print a page: marked text beside its rows.")
    ] = False,
    show: Annotated[bool, typer.Option("--open", help="Open that page in the browser.")] = False,
    config: ConfigOption = None,
    backend: BackendOption = None,
    model: ModelOption = None,
    region: RegionOption = None,
) -> None:
    """Show what one article says: its mentions, people with their roles, quantities.

    Example: zhnews extract article.txt --json | jq .percentages
    """
    from pipeline.extractor import Extractor
    from pipeline.readers import ReadFailure, list_sources, read_source

    settings = _settings(config, {"ner.backend": backend, "ner.model": model, "region": region})
    items = [
        item
        for source in list_sources([file], settings.input)
        for item in read_source(source, settings.input)
    ]
    failures = [item for item in items if isinstance(item, ReadFailure)]
    articles = [item for item in items if not isinstance(item, ReadFailure)]
    for failure in failures:
        _say(f"{failure.article_id}: {failure.reason}: {failure.message}")
    extractions = list(Extractor(settings).extract_many(articles))
    if as_json:
        from pipeline.progress import extractions_json

        typer.echo(extractions_json(extractions))
    elif as_html or show:
        from pipeline.report.commands import extraction_html, open_page

        page = extraction_html(extractions, file)
        if as_html:
            typer.echo(page, nl=False)
        if show:
            _say(f"the page is {open_page(page)}")
    else:
        from pipeline.progress import print_extraction

        for extraction in extractions:
            print_extraction(extraction)
    if failures:
        raise typer.Exit(ExitCode.SOME_FAILED)


@app.command("report", rich_help_panel=_LOOK)
def report_command(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder that `zhnews run` wrote.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The page; OUT/report.html if not given.")
    ] = None,
    one_page: Annotated[
        bool | None,
        typer.Option(
            "--one-page/--many-pages",
            help="All articles in one file, or a folder of pages beside it; by size if neither.",
        ),
    ] = None,
    show: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """Make pages to read a run with: search, people, companies, time line, marked articles.

    Example: zhnews report out/ --open
    """
    from pipeline.report.commands import make_report

    written = make_report(out, output, one_page, show)
    size = written.path.stat().st_size / 1e6
    _say(f"{written.articles} articles are in {written.path} ({size:.1f} MB)")
    if written.pages:
        _say(f"keep it together with {written.path.stem}_files, which holds their pages")
    if written.rebuilt:
        _say(
            f"{written.rebuilt} articles were rebuilt from the tables: their files have changed or "
            "are not found from here; line breaks are guessed"
        )


class PlotWhat(StrEnum):
    """What ``zhnews plot`` draws."""

    COMPANIES = "companies"
    PERCENTAGES = "percentages"
    YEARS = "years"


@app.command("plot", rich_help_panel=_LOOK)
def plot_command(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder that `zhnews run` wrote.")],
    what: Annotated[PlotWhat, typer.Option(help="What to draw.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="png, svg or pdf; OUT/WHAT.png if not given."),
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="At most so many companies or subjects.")] = 20,
    font: Annotated[
        Path | None, typer.Option(help="Font file with Chinese characters; else one is looked for.")
    ] = None,
) -> None:
    """Draw a chart of a run (needs the extra "plot").

    Example: zhnews plot out/ --what companies -o companies.png
    """
    from pipeline.report.commands import make_plot

    _say(f"the chart is {make_plot(out, what, output, top, font)}")


@app.command("backends", rich_help_panel=_KNOW)
def backends_command() -> None:
    """List the NER backends and whether they can be used here.

    Example: zhnews backends
    """
    from pipeline.ner.backend import available_backends

    for name, state in available_backends():
        typer.echo(f"{name}\t{state}")


@app.command("schema", rich_help_panel=_KNOW)
def schema_command(
    form: Annotated[
        SchemaFormat, typer.Option("--format", "-f", help="markdown or json.")
    ] = SchemaFormat.MARKDOWN,
) -> None:
    """Print the tables: columns, types, keys.

    Example: zhnews schema --format json
    """
    from pipeline.tables import schema_json, schema_markdown

    typer.echo(schema_json() if form is SchemaFormat.JSON else schema_markdown(), nl=False)
    if form is SchemaFormat.JSON:
        typer.echo()


register(app)


def _settings(config: Path | None, overrides: dict[str, Any]) -> Config:
    from pipeline.config import load_config

    path = config
    if path is None and Path("zhnews.toml").is_file():
        path = Path("zhnews.toml")
    return load_config(path, overrides)


def _say(words: str) -> None:
    typer.echo(words, err=True)


def main() -> None:
    """Run the command; our own errors become one message and an exit code."""
    try:
        app()
    except (ConfigError, InputError, StageError, BackendError, LockedError, StaleError) as error:
        _say(f"zhnews: {error}")
        sys.exit(ExitCode.USAGE)
    except ZhnewsError as error:
        _say(f"zhnews: {error}")
        sys.exit(ExitCode.INTERNAL)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(ExitCode.INTERNAL)


if __name__ == "__main__":
    main()
