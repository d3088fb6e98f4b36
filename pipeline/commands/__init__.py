"""Commands of ``zhnews`` beyond running and extracting; heavy imports stand inside each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer

_MEASURE = "Measure, annotate, train"


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    from pipeline.commands.convert import agreement_command, convert_command, export_command
    from pipeline.commands.evaluate import evaluate_command
    from pipeline.commands.floors import floors_command
    from pipeline.commands.train import train_command

    app.command("evaluate", rich_help_panel=_MEASURE)(evaluate_command)
    app.command("floors", rich_help_panel=_MEASURE)(floors_command)
    app.command("convert", rich_help_panel=_MEASURE)(convert_command)
    app.command("export", rich_help_panel=_MEASURE)(export_command)
    app.command("agreement", rich_help_panel=_MEASURE)(agreement_command)
    app.command("train", rich_help_panel=_MEASURE)(train_command)
