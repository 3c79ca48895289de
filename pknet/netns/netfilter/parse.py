"""iptables-restore text -> a Ruleset.

Law: a line that is not understood is a fault with its place; none is passed over, and all are
found together.
"""

from __future__ import annotations

import re

from pknet.netns.netfilter import reach
from pknet.netns.netfilter.chain import BUILT_IN, Table
from pknet.netns.netfilter.commands import Commands, Counters
from pknet.netns.netfilter.extension import Setting
from pknet.netns.netfilter.faults import LineError, RuleFault, RulesError, near
from pknet.netns.netfilter.ipset_text import parse_sets
from pknet.netns.netfilter.ruleset import Ruleset
from pknet.netns.netfilter.words import Word, split

_COUNTERS = re.compile(r"^\[(\d+):(\d+)\]$")


def parse(text: str, sets: str = "", family: int = 4, onto: Ruleset | None = None) -> Ruleset:
    """Read ``text``; ``sets`` is ipset save text, ``family`` 4 or 6 (ip6tables-restore).

    Counters are read, as by ``iptables-restore --counters``. With ``onto``, what the text does
    not touch stays (``--noflush``): its rules are shared, the ruleset itself is not changed.
    Raises RulesError with every fault.
    """
    faults: list[RuleFault] = []
    ruleset = onto.copy() if onto is not None else Ruleset(family)
    if sets:
        ruleset.sets = parse_sets(sets, faults)
    reader = _Reader(ruleset, faults, flush=onto is None)
    for number, line in enumerate(text.splitlines(), 1):
        reader.line(number, line)
    reader.end()
    if faults:
        raise RulesError(sorted(faults, key=lambda f: (f.source, f.line, f.column)))
    return ruleset


class _Reader:
    """Reads line by line. ``table`` is the one that is open; a table is made by its first line."""

    def __init__(self, ruleset: Ruleset, faults: list[RuleFault], flush: bool) -> None:
        self.ruleset = ruleset
        self.faults = faults
        self.flush = flush
        self.table: str | None = None
        self.sections: dict[str, Commands] = {}
        self.opened = 0

    def fault(self, line: int, column: int, message: str) -> None:
        self.faults.append(RuleFault(line, column, message))

    def line(self, number: int, line: str) -> None:
        text = line.strip()
        if not text or text.startswith("#"):
            return
        try:
            self._dispatch(number, line, text, len(line) - len(line.lstrip()) + 1)
        except LineError as error:
            self.fault(number, error.column, str(error))

    def _dispatch(self, number: int, line: str, text: str, column: int) -> None:
        if text.startswith("*"):
            self._open(number, text[1:], column)
        elif self.table is None:
            hint = "'*nat', or another table, comes first"
            raise LineError(column, f"a line outside a table: {text[:40]!r}; {hint}")
        elif text == "COMMIT":
            self.table = None
        else:
            commands = self._commands(number)
            if text.startswith(":"):
                self._chain(commands, line, column)
            else:
                words, counters = _without_counters(split(line))
                commands.do(words, counters)

    def _open(self, number: int, name: str, column: int) -> None:
        unfinished, self.table = self.table, name
        self.opened = number
        if name not in BUILT_IN:
            self.sections[name] = Commands(Table("filter"), self.ruleset.family)  # for its faults
            tables = ", ".join(BUILT_IN)
            raise LineError(
                column, f"can't use table {name!r}{near(name, BUILT_IN)}; modelled: {tables}"
            )
        if self.flush:
            self.ruleset.tables.pop(name, None)
            self.sections.pop(name, None)
        if unfinished is not None:
            raise LineError(column, f"COMMIT is missing: table {unfinished} is still open")

    def _commands(self, number: int) -> Commands:
        assert self.table is not None
        if self.table not in self.sections:
            table = self.ruleset.table(self.table)
            self.sections[self.table] = Commands(table, self.ruleset.family)
        self.sections[self.table].number = number
        return self.sections[self.table]

    def _chain(self, commands: Commands, line: str, column: int) -> None:
        """``:NAME POLICY [packets:bytes]``; a chain of the user's own is emptied."""
        words = split(line)
        name = Word(words[0].text[1:], column + 1)
        if len(words) < 2 or len(words) > 3 or not name.text:
            raise LineError(column, "expected ':CHAIN POLICY [packets:bytes]'")
        policy, chain = words[1], commands.table.chains.get(name.text)
        counters = _counters(words[2]) if len(words) > 2 else (0, 0)
        if chain is None or chain.policy is None:
            chain = commands.create(name)
        if policy.text != "-":
            commands.set_policy(chain, name, policy)
        if chain.policy is not None:
            chain.packets, chain.bytes = counters

    def end(self) -> None:
        """The text is over: now what needs the whole of it, as the kernel checks it."""
        if self.table is not None:
            self.fault(self.opened, 1, f"COMMIT is missing: table {self.table} never takes effect")
        for name, commands in self.sections.items():
            if name in BUILT_IN:
                self._check(name, commands)

    def _check(self, name: str, commands: Commands) -> None:
        table = commands.table
        for rule, message in reach.too_deep(table):
            self.fault(rule.line, 1, message)
        hooks = reach.hooks(table)
        for number, chain, line in commands.read:
            protocol, inverted = line.header.protocol
            found = hooks.get(chain, frozenset())
            setting = Setting(name, chain, protocol, inverted, self.ruleset.sets, found)
            for column, message in line.check(setting):
                self.fault(number, column, message)
        self._dangling(table)

    def _dangling(self, table: Table) -> None:
        """Jumps to a chain that was deleted further down."""
        for chain in table.chains.values():
            for rule in chain.rules:
                if rule.jump is not None and rule.jump not in table.chains:
                    self.fault(rule.line, 1, f"{rule.jump} is deleted, and this jumps there")


def _counters(word: Word) -> Counters:
    found = _COUNTERS.match(word.text)
    if found is None:
        raise LineError(word.column, f"bad counters {word.text!r}: [packets:bytes] is needed")
    return int(found[1]), int(found[2])


def _without_counters(words: list[Word]) -> tuple[list[Word], Counters]:
    """``[packets:bytes]`` may stand before a command."""
    if not words[0].text.startswith("["):
        return words, (0, 0)
    counters = _counters(words[0])
    if len(words) == 1:
        raise LineError(words[0].column, "counters without a rule")
    return words[1:], counters
