"""Command line: ``python -m models.recipe`` and a command; ``--help`` lists them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from pipeline.config import Config, NerConfig
from pipeline.ner.backend import Backend, load_backend

NAMES = frozenset({"PERSON", "COMPANY", "ORG"})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m models.recipe", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="train all stages and write a model folder")
    build.add_argument("--work", type=Path, default=Path("out/model"), help="checkpoints")
    build.add_argument("--out", type=Path, default=Path("out/model/default"), help="model folder")
    build.add_argument("--smoke", action="store_true", help="a few minutes on a tiny part")
    evaluate = commands.add_parser("evaluate", help="score backends on the dev sets")
    evaluate.add_argument("--backend", action="append", help="may be repeated; default onnx")
    evaluate.add_argument("--model", default=None, help="model folder for onnx")
    evaluate.add_argument("--limit", type=int, default=None, help="documents of each set")
    whole = commands.add_parser("end-to-end", help="score the whole pipeline on the dev sets")
    whole.add_argument("--model", action="append", help="model folder; may be repeated")
    whole.add_argument("--backend", action="append", help="another engine; may be repeated")
    whole.add_argument("--errors", type=Path, default=None, help="TSV for the last one's errors")
    reliable = commands.add_parser("reliability", help="scores against the share that is right")
    reliable.add_argument("--model", default=None, help="model folder")
    ablation = commands.add_parser("ablate", help="short trainings with one part taken away each")
    ablation.add_argument("--work", type=Path, default=Path("out/ablation"), help="checkpoints")
    ablation.add_argument("variants", nargs="*", help="names in models/recipe/ablation.py")
    return parser


def _evaluate(names: Sequence[str], model: str | None, limit: int | None) -> None:
    from models.recipe.evaluate import Predict, score_table

    def predict_with(backend: Backend) -> Predict:
        return lambda texts: [
            [(s.start, s.end, s.label) for s in spans] for spans in backend.predict(texts)
        ]

    systems = {
        name: predict_with(
            load_backend(NerConfig(backend=name, model=model if name == "onnx" else None))
        )
        for name in names
    }
    print("\n".join(score_table(systems, limit)))


def _end_to_end(models: Sequence[str], backends: Sequence[str], errors: Path | None) -> None:
    from models.recipe.evaluate import table_end_to_end

    engines = {name: NerConfig(backend=name) for name in backends}
    engines |= {folder: NerConfig(model=folder) for folder in models}
    configs = {
        name: Config(ner=engine) for name, engine in (engines or {"default": NerConfig()}).items()
    }
    print("\n".join(table_end_to_end(configs, errors)))


def _reliability(model: str | None) -> None:
    from models.recipe.calibrate import reliability, scored_spans
    from models.recipe.evaluate import gold_dev, held_out

    backend = load_backend(NerConfig(backend="onnx", model=model))
    for title, documents in (("held-out articles", held_out()), ("dev gold", gold_dev())):
        print(f"\n{title}\n")
        print("\n".join(reliability(scored_spans(backend, documents), NAMES)))


def main() -> None:
    """Run one command."""
    options = _parser().parse_args()
    if options.command == "build":
        from models.recipe.build import build

        build(options.work, options.out, options.smoke)
    elif options.command == "ablate":
        from models.recipe.ablation import ablate

        ablate(options.work, options.variants)
    elif options.command == "end-to-end":
        _end_to_end(options.model or [], options.backend or [], options.errors)
    elif options.command == "evaluate":
        _evaluate(options.backend or ["onnx"], options.model, options.limit)
    else:
        _reliability(options.model)


main()
