"""Commands of ``zhnews`` beyond running and extracting; heavy imports stand inside each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    from pipeline.commands.convert import agreement_command, convert_command, export_command
    from pipeline.commands.evaluate import evaluate_command
    from pipeline.commands.floors import floors_command
    from pipeline.commands.train import train_command

    app.command("evaluate")(evaluate_command)
    app.command("floors")(floors_command)
    app.command("convert")(convert_command)
    app.command("export")(export_command)
    app.command("agreement")(agreement_command)
    app.command("train")(train_command)
