"""Runs of ``zhnews`` over many articles: time, processor time and memory of each process.

    python -m benchmarks.scale.runs --articles 2000 20000 --workers 1 2 [--light]

Prints a table and writes ``scale.json`` (and ``scale.svg``, memory over time, where matplotlib is
installed) into ``--work``. Processor time is what to compare on a machine that does other things
too: it does not grow when others take the processor away.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.scale.make import make

LIGHT = 'stages = ["percent", "year"]\n'
EVERY = 0.5
SMALL = 50.0
"""MB: below it a process is still starting or ending, or does no work."""


@dataclass
class Figures:
    """What one run came to."""

    articles: int
    workers: int
    light: bool
    characters: int = 0
    seconds: float = 0.0
    processor_seconds: float = 0.0
    again_seconds: float = 0.0
    peaks_mb: dict[str, float] = field(default_factory=dict)
    steps: dict[str, float] = field(default_factory=dict)
    memory: list[tuple[float, str, float]] = field(default_factory=list)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--articles", type=int, nargs="+", default=[2000, 20000])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--light", action="store_true", help="quantity stages only")
    parser.add_argument("--work", type=Path, default=None)
    given = parser.parse_args()
    work = given.work or Path(tempfile.mkdtemp())
    work.mkdir(parents=True, exist_ok=True)
    config = work / "zhnews.toml"
    config.write_text(LIGHT if given.light else "", encoding="utf-8")
    found: list[Figures] = []
    for articles in given.articles:
        folder = work / f"articles-{articles}"
        if not folder.is_dir():
            make(articles, folder)
        for workers in given.workers:
            figures = Figures(articles, workers, given.light)
            measure(figures, folder, work / "out", config)
            found.append(figures)
            print(line(figures), flush=True)
    (work / "scale.json").write_text(json.dumps([asdict(f) for f in found], indent=1))
    plot(found, work / "scale.svg")
    print(f"details: {work / 'scale.json'}")


def measure(figures: Figures, folder: Path, out: Path, config: Path) -> None:
    """Run once from nothing and once more with nothing to do."""
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "pipeline.cli", "run", str(folder), "-o", str(out)]
    command += ["-c", str(config), "-w", str(figures.workers)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.monotonic()
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        for name, megabytes in memory_of(process.pid):
            figures.memory.append((time.monotonic() - begin, name, megabytes))
            figures.peaks_mb[name] = max(figures.peaks_mb.get(name, 0.0), megabytes)
        time.sleep(EVERY)
    figures.seconds = time.monotonic() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    figures.processor_seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    told = json.loads((out / "run.json").read_text(encoding="utf-8"))
    figures.characters = told["counts"]["characters"]
    figures.steps = told["seconds"]["steps"]
    begin = time.monotonic()
    subprocess.run(command, stderr=subprocess.DEVNULL, check=False)
    figures.again_seconds = time.monotonic() - begin


def memory_of(parent: int) -> list[tuple[str, float]]:
    """Private and shared memory in use by the command and its workers, in MB."""
    found = []
    pids = [parent]
    try:
        listed = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        pids += [int(pid) for pid in listed]
    except OSError:
        pass
    for place, pid in enumerate(pids):
        try:
            pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        except (OSError, IndexError):
            continue
        # The second child is the resource tracker of multiprocessing, a few MB.
        name = "command" if place == 0 else f"child {place}"
        found.append((name, pages * os.sysconf("SC_PAGE_SIZE") / 1e6))
    return found


def line(f: Figures) -> str:
    """A row for people."""
    overhead = f.processor_seconds - sum(f.steps.values())
    peaks = ", ".join(f"{name} {peak:.0f}" for name, peak in f.peaks_mb.items())
    return (
        f"{f.articles} articles, {f.workers} workers: {f.seconds:.0f} s, "
        f"processor {f.processor_seconds:.0f} s = {f.articles / f.processor_seconds:.1f} articles "
        f"and {f.characters / f.processor_seconds:,.0f} characters a core-second; outside the "
        f"shards {overhead:.1f} s; peaks (MB) {peaks}; nothing to do: {f.again_seconds:.1f} s"
    )


def plot(found: list[Figures], path: Path) -> None:
    """Memory of each process over time."""
    try:
        import matplotlib as mpl
    except ImportError:
        return
    mpl.use("svg")
    from matplotlib import pyplot as plt

    figure, axis = plt.subplots(figsize=(8, 4))
    for f in found:
        for name in sorted(f.peaks_mb):
            points = [(at, size) for at, of, size in f.memory if of == name and size > SMALL]
            if points:
                label = f"{f.articles:,} articles, {f.workers} workers: {name}"
                axis.plot(*zip(*points, strict=True), label=label)
    axis.set_ylim(bottom=0)
    axis.set_xlabel("seconds")
    axis.set_ylabel("memory of each process, MB")
    axis.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(path)


if __name__ == "__main__":
    main()
