"""Input and output in S3, against a server of moto's, with worker processes and the command.

Runs where both are installed: ``pip install s3fs 'moto[server]'``.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import InputError
from pipeline.output import read_table
from pipeline.runner import Options, run
from pipeline.tables import TABLE_NAMES
from tests.runs import command, light, record_of, table_hashes, text_of, write_tree, zhnews
from tests.test_remote import put, remote_hashes

HAS_S3 = all(importlib.util.find_spec(name) for name in ("s3fs", "moto", "flask"))
pytestmark = [
    pytest.mark.skipif(not HAS_S3, reason="s3fs and moto[server] are not installed"),
    pytest.mark.filterwarnings("default"),
    pytest.mark.slow,
]

IN, OUT = "s3://news/in", "s3://news/out"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    import s3fs
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.get_host_and_port()[1]}",
        "AWS_ACCESS_KEY_ID": "tester",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    fs = s3fs.S3FileSystem()
    reset = f"{os.environ['AWS_ENDPOINT_URL']}/moto-api/reset"
    urllib.request.urlopen(urllib.request.Request(reset, method="POST")).close()
    fs.mkdir("news")
    yield fs
    server.stop()
    s3fs.S3FileSystem.clear_instance_cache()


def files() -> dict[str, str | bytes]:
    texts: dict[str, str | bytes] = {f"子/a {n}#?.txt": text_of(n) for n in range(12)}
    return texts | {"r.jsonl": "".join(record_of(n) for n in range(60))}


def config(base: Path, **more: object) -> Any:
    settings = {"run__engine": "local", "run__workers": 2, "run__shard_bytes": 3000} | more
    return light(run__work=str(base / "work"), **settings)


def hashes(s3: Any) -> dict[str, str]:
    s3.invalidate_cache()
    return remote_hashes(s3, "news/out")


def test_from_s3_to_s3_with_two_workers(s3: Any, tmp_path: Path) -> None:
    write_tree(tmp_path / "in", files())
    put(s3, "news/in", files())
    run(config(tmp_path), [IN], tmp_path / "wanted")
    assert run(config(tmp_path), [IN], OUT).articles == 72
    assert hashes(s3) == table_hashes(tmp_path / "wanted")
    run(config(tmp_path), [str(tmp_path / "in")], tmp_path / "local")
    for table in set(TABLE_NAMES) - {"articles", "errors"}:
        assert read_table(OUT, table).equals(read_table(tmp_path / "local", table)), table
    assert run(config(tmp_path), [IN], OUT).articles == 0
    shutil.rmtree(tmp_path / "work")
    assert run(config(tmp_path), [IN], OUT).articles == 0
    s3.pipe_file("news/in/r.jsonl", "".join(record_of(n) for n in range(50, 70)).encode())
    s3.rm_file("news/in/子/a 3#?.txt")
    assert run(config(tmp_path), [IN], OUT, None, Options(prune=True)).articles == 10
    run(config(tmp_path), [IN], tmp_path / "fresh")
    assert hashes(s3) == table_hashes(tmp_path / "fresh")


def test_the_command_killed_while_it_publishes(s3: Any, tmp_path: Path) -> None:
    put(s3, "news/in", files())
    toml = tmp_path / "zhnews.toml"
    toml.write_text('stages = ["percent", "year"]\n', encoding="utf-8")
    arguments = ["run", IN, "-o", OUT, "-c", str(toml), "--work", str(tmp_path / "work")]
    done = zhnews(*arguments)
    assert done.returncode == 0, done.stderr
    assert f"tables are in {OUT}" in done.stderr
    before = hashes(s3)
    s3.pipe_file("news/in/a.txt", text_of(77).encode())
    done = zhnews(*arguments, env={"ZHNEWS_FAULT": "between-uploads:6"})
    assert done.returncode == -signal.SIGKILL
    assert hashes(s3) == before
    done = zhnews(*arguments)
    assert done.returncode == 0, done.stderr
    run(light(), [IN], tmp_path / "fresh")
    assert hashes(s3) == table_hashes(tmp_path / "fresh")
    told = zhnews("status", OUT, "--json").stdout.splitlines()
    assert len([json.loads(line) for line in told]) == 73


def test_a_missing_bucket_or_credential_is_told_before_any_work(
    s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import s3fs

    put(s3, "news/in", {"a.txt": text_of(1)})
    with pytest.raises(InputError, match=r"s3://nosuch/out.*does it exist\?"):
        run(config(tmp_path), [IN], "s3://nosuch/out")
    with pytest.raises(InputError, match="does not exist"):
        run(config(tmp_path), ["s3://nosuch/in"], tmp_path / "out")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    s3fs.S3FileSystem.clear_instance_cache()
    with pytest.raises(InputError, match="redential"):
        run(config(tmp_path), [IN], tmp_path / "out")
    done = subprocess.run(
        command(["run", str(tmp_path), "-o", OUT]), capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "redential" in done.stderr
    assert "Traceback" not in done.stderr
