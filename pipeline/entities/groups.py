"""Groups of mentions that grow by merging, each merge with its rule."""

from __future__ import annotations

from collections.abc import Iterable


class Groups:
    """Union-find over mention indices; the root of a group is its first mention."""

    def __init__(self, members: Iterable[int]) -> None:
        self._parent = {m: m for m in members}
        self._rules: dict[int, set[str]] = {}
        self._apart: set[tuple[int, int]] = set()

    def find(self, member: int) -> int:
        """Root of the group that holds a mention."""
        while self._parent[member] != member:
            self._parent[member] = self._parent[self._parent[member]]
            member = self._parent[member]
        return member

    def merge(self, one: int, other: int, rule: str) -> None:
        """Put two groups together and note why."""
        a, b = sorted((self.find(one), self.find(other)))
        if a == b:
            return
        self._parent[b] = a
        self._rules.setdefault(a, set()).update(self._rules.pop(b, set()), {rule})

    def same(self, one: int, other: int) -> bool:
        """True where two mentions stand in one group."""
        return self.find(one) == self.find(other)

    def rules(self, root: int) -> tuple[str, ...]:
        """Why the mentions of a group stand together, sorted."""
        return tuple(sorted(self._rules.get(root, ())))

    def members(self) -> dict[int, list[int]]:
        """Root -> its mentions in order, in the order of the roots."""
        grouped: dict[int, list[int]] = {}
        for member in sorted(self._parent):
            grouped.setdefault(self.find(member), []).append(member)
        return grouped
