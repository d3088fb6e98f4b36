"""Named points at which a test can make this process die or stall.

``ZHNEWS_FAULT=point`` (or ``point:n`` for the n-th passing) kills the process there with SIGKILL;
without the variable a point costs one look-up. ``ZHNEWS_POISON=kind=id,...`` makes an article do
``kind`` to its worker: ``segfault``, ``memory`` (killed as the kernel kills), or ``loop``.
"""

from __future__ import annotations

import os
import signal
import time
from itertools import count

_passed: dict[str, count[int]] = {}


def fault(point: str) -> None:
    """Die here if ``ZHNEWS_FAULT`` names this point."""
    wanted = os.environ.get("ZHNEWS_FAULT")
    if not wanted:
        return
    name, _, number = wanted.partition(":")
    if name == point and next(_passed.setdefault(point, count(1))) >= int(number or 1):
        os.kill(os.getpid(), signal.SIGKILL)


def poison(article_id: str) -> None:
    """Do to this process what ``ZHNEWS_POISON`` says that the article does."""
    wanted = os.environ.get("ZHNEWS_POISON")
    if not wanted:
        return
    for entry in wanted.split(","):
        kind, _, name = entry.partition("=")
        if name != article_id:
            continue
        if kind == "segfault":
            os.kill(os.getpid(), signal.SIGSEGV)
        elif kind == "memory":
            os.kill(os.getpid(), signal.SIGKILL)
        while kind == "loop":
            time.sleep(0.05)
