"""Shell commands of the documentation, with the ``zhnews`` in them answered by this process.

A page has dozens of commands, and starting Python and loading the model takes seconds each time.
So ``zhnews`` on the reader's path is a small client: it sends its arguments and input to the
process that started the shell, which runs the command's ``main`` and keeps one extractor for each
configuration. ``make run`` starts the installed command itself.
"""

from __future__ import annotations

import io
import json
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import pipeline.extractor
from pipeline.cli import main
from pipeline.config import Config
from pipeline.extractor import Extractor

SECONDS = 240
_CLIENT = """#!{python} -IS
import json, os, socket, sys
words = sys.stdin.read() if "-" in sys.argv else ""
with socket.socket(socket.AF_UNIX) as server:
    server.connect(os.environ["ZHNEWS_DOCS_SOCKET"])
    with server.makefile("rw", encoding="utf-8") as line:
        line.write(json.dumps([sys.argv[1:], words, os.environ.get("PYTHONPATH")]) + "\\n")
        line.flush()
        code, out, err = json.loads(line.readline())
sys.stderr.write(err)
try:
    sys.stdout.write(out)
    sys.stdout.flush()
except BrokenPipeError:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
sys.exit(code)
"""


class Done(NamedTuple):
    """What a shell or a command left: exit code, standard output and standard error."""

    code: int
    out: str
    err: str


def install_client(path: Path) -> None:
    """Write the client that stands for ``zhnews``."""
    path.write_text(_CLIENT.format(python=sys.executable), encoding="utf-8")
    path.chmod(0o755)


def run_shell(code: str, environment: dict[str, str]) -> Done:
    """Run bash in the current folder, stopping at the first error; answer its ``zhnews`` calls.

    The main thread answers them, because a run sets signal handlers. Raises ``TimeoutError``.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        socket.socket(socket.AF_UNIX) as listener,
        tempfile.TemporaryFile("w+", encoding="utf-8") as out,
        tempfile.TemporaryFile("w+", encoding="utf-8") as err,
    ):
        address = f"{folder}/s"
        listener.bind(address)
        listener.listen()
        listener.settimeout(0.02)
        shell = subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", code],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env={**environment, "ZHNEWS_DOCS_SOCKET": address},
        )
        end = time.monotonic() + SECONDS
        while shell.poll() is None:
            try:
                client, _ = listener.accept()
            except TimeoutError:
                if time.monotonic() > end:
                    shell.kill()
                    raise TimeoutError(f"still running: {code}") from None
                continue
            with client:
                client.settimeout(None)
                _answer(client)
        out.seek(0)
        err.seek(0)
        return Done(shell.returncode, out.read(), err.read())


def _answer(client: socket.socket) -> None:
    with client.makefile("rw", encoding="utf-8") as line:
        arguments, words, modules = json.loads(line.readline())
        line.write(json.dumps(_command(arguments, words, modules)) + "\n")
        line.flush()


def _command(arguments: list[str], words: str, modules: str | None) -> Done:
    bytes_out, bytes_err = _Kept(), _Kept()
    out = io.TextIOWrapper(bytes_out, encoding="utf-8", newline="\n")
    err = io.TextIOWrapper(bytes_err, encoding="utf-8", newline="\n")
    source = io.TextIOWrapper(io.BytesIO(words.encode()), encoding="utf-8")
    path = [*([str(Path(modules).resolve())] if modules else []), *sys.path]
    with (
        mock.patch.multiple(
            sys, argv=["zhnews", *arguments], stdin=source, stdout=out, stderr=err, path=path
        ),
        mock.patch.object(pipeline.extractor, "Extractor", _extractor),
    ):
        try:
            main()
            code: Any = 0
        except SystemExit as ended:
            code = ended.code
        except Exception:
            traceback.print_exc()
            code = 1
    for stream in (out, err):
        if not stream.closed:
            stream.flush()
    return Done(int(code or 0), bytes_out.getvalue().decode(), bytes_err.getvalue().decode())


class _Kept(io.BytesIO):
    """Bytes that outlive a stream that was closed over them."""

    def close(self) -> None:
        pass


def _extractor(config: Config | None = None) -> Extractor:
    return _kept((config or Config()).model_dump_json(), str(Path.cwd()))


@lru_cache(maxsize=8)
def _kept(config: str, folder: str) -> Extractor:
    del folder  # relative paths of the configuration are read from it
    return Extractor(Config.model_validate_json(config))
