"""iptables-restore text -> a Ruleset.

Law: a line that is not understood is a fault with its place; none is passed over, and all are
found together.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from pknet.netns.netfilter import reach
from pknet.netns.netfilter.chain import BUILT_IN, Chain, Table
from pknet.netns.netfilter.faults import RuleFault, RulesError
from pknet.netns.netfilter.ipset import parse_sets
from pknet.netns.netfilter.line import LineError, RuleLine
from pknet.netns.netfilter.ruleset import Ruleset
from pknet.netns.netfilter.targets import TARGETS
from pknet.netns.netfilter.words import Word, split

_COUNTERS = re.compile(r"^\[(\d+):(\d+)\]$")
_CHAIN_NAME = re.compile(r"^[^\s!-][^\s]{0,27}$")  # Linux: XT_EXTENSION_MAXNAMELEN - 1
_POLICIES = ("ACCEPT", "DROP")


def parse(text: str, sets: str = "", family: int = 4) -> Ruleset:
    """Read ``text``; ``sets`` is ipset save text. Raises RulesError with every fault."""
    faults: list[RuleFault] = []
    ruleset = Ruleset()
    ruleset.sets = parse_sets(sets, faults) if sets else {}
    parser = _Parser(ruleset, faults, family)
    for number, line in enumerate(text.splitlines(), 1):
        parser.line(number, line)
    parser.end()
    if faults:
        raise RulesError(sorted(faults, key=lambda f: (f.source, f.line, f.column)))
    return ruleset


class _Parser:
    """Reads line by line."""

    def __init__(self, ruleset: Ruleset, faults: list[RuleFault], family: int) -> None:
        self.ruleset = ruleset
        self.faults = faults
        self.family = family
        self.table: Table | None = None
        self.number = 0
        self.parsed: list[tuple[int, Table, RuleLine]] = []

    def fault(self, column: int, message: str) -> None:
        self.faults.append(RuleFault(self.number, column, message))

    def line(self, number: int, line: str) -> None:
        self.number = number
        stripped = line.strip()
        column = len(line) - len(line.lstrip()) + 1
        if not stripped or stripped.startswith("#"):
            return
        if stripped.startswith("*"):
            self._open(stripped[1:], column)
        elif self.table is None:
            self.fault(
                column, f"a line outside a table: {stripped[:40]!r}; '*nat' or so comes first"
            )
        elif stripped == "COMMIT":
            self.table = None
        elif stripped.startswith(":"):
            self._chain(stripped[1:].split(), column)
        else:
            self._command(line)

    def _open(self, name: str, column: int) -> None:
        if name not in BUILT_IN:
            self.fault(column, f"can't use table {name!r}{_near(name, BUILT_IN)}; "
                       f"modelled: {', '.join(BUILT_IN)}")  # fmt: skip
            self.table = Table("filter")  # read on, for the faults of its lines
            return
        self.table = self.ruleset.table(name)

    def end(self) -> None:
        """The text is over: what needs the whole of it."""
        if self.table is not None:
            self.fault(1, "COMMIT is missing: the last table never takes effect")
        for number, table, line in self.parsed:
            self.number = number
            self._jump(table, line)
        for table in self.ruleset.tables.values():
            loop = reach.loop(table)
            if loop:
                self.number = loop[0].line
                self.fault(
                    1, f"chains call each other in a circle: {' > '.join(r.chain for r in loop)}"
                )
        if not self.faults:
            self._check()

    def _chain(self, words: list[str], column: int) -> None:
        """``:NAME POLICY [packets:bytes]``."""
        assert self.table is not None
        name, policy = (words + ["", ""])[:2]
        counters = _COUNTERS.match(words[2]) if len(words) > 2 else None
        if len(words) > 2 and counters is None:
            self.fault(column, f"bad counters {words[2]!r}: [packets:bytes]")
        built_in = name in BUILT_IN[self.table.name]
        if built_in and policy not in _POLICIES:
            self.fault(column, f"bad policy {policy!r} of {name}: ACCEPT or DROP")
            return
        if not built_in and policy != "-":
            self.fault(
                column, f"{name} is no built-in chain of {self.table.name}: it has no policy"
            )
            return
        chain = self._make(name, column)
        if chain is not None:
            chain.policy = policy if built_in else None
            chain.rules.clear()
            chain.packets, chain.bytes = map(int, counters.groups()) if counters else (0, 0)

    def _make(self, name: str, column: int) -> Chain | None:
        assert self.table is not None
        if name in TARGETS or not _CHAIN_NAME.match(name):
            self.fault(
                column, f"{name!r} is no chain name: at most 28 characters, no target's name"
            )
            return None
        return self.table.chains.setdefault(name, Chain(name))

    def _command(self, line: str) -> None:
        """``-A``, ``-I``, ``-N``, ``-F``, ``-X``, ``-P``."""
        try:
            words = split(line)
        except ValueError as error:
            self.fault(1, str(error))
            return
        counters = _COUNTERS.match(words[0].text)
        if counters:
            words = words[1:]
        if not words:
            self.fault(1, "counters without a rule")
            return
        command = words[0]
        method = {"-A": self._append, "-I": self._insert, "-N": self._new, "-F": self._flush,
                  "-X": self._delete, "-P": self._set_policy}.get(_SHORT.get(command.text, command.text))  # fmt: skip
        if method is None:
            self.fault(
                command.column, f"unknown command {command.text!r}; allowed: -A -I -N -F -X -P"
            )
        elif len(words) < 2:
            self.fault(command.column, f"{command.text} needs a chain")
        else:
            method(words[1], words[2:], tuple(map(int, counters.groups())) if counters else (0, 0))

    def _append(self, chain: Word, words: list[Word], counters: tuple[int, ...]) -> None:
        self._rule(chain, words, counters, None)

    def _insert(self, chain: Word, words: list[Word], counters: tuple[int, ...]) -> None:
        index = 1
        if words and words[0].text.isdecimal():
            index = int(words.pop(0).text)
        self._rule(chain, words, counters, index - 1)

    def _rule(
        self, name: Word, words: list[Word], counters: tuple[int, ...], index: int | None
    ) -> None:
        assert self.table is not None
        chain = self.table.chains.get(name.text)
        if chain is None:
            self.fault(name.column, f"No chain {name.text!r}{_near(name.text, self.table.chains)}")
            return
        try:
            line = RuleLine(name.text, words, self.family)
        except LineError as error:
            for column, message in error.problems:
                self.fault(column, message)
            return
        at = len(chain.rules) if index is None else index
        if at > len(chain.rules):
            self.fault(name.column, f"Index of insertion too big: {at + 1}")
            return
        for offset, rule in enumerate(line.rules):
            rule.line = self.number
            rule.packets, rule.bytes = counters
            chain.rules.insert(at + offset, rule)
        self.parsed.append((self.number, self.table, line))

    def _new(self, chain: Word, words: list[Word], counters: tuple[int, ...]) -> None:
        assert self.table is not None
        if chain.text in self.table.chains:
            self.fault(chain.column, f"Chain {chain.text!r} already exists")
        else:
            self._make(chain.text, chain.column)

    def _existing(self, chain: Word) -> Chain | None:
        assert self.table is not None
        found = self.table.chains.get(chain.text)
        if found is None:
            self.fault(
                chain.column, f"No chain {chain.text!r}{_near(chain.text, self.table.chains)}"
            )
        return found

    def _flush(self, chain: Word, words: list[Word], counters: tuple[int, ...]) -> None:
        found = self._existing(chain)
        if found is not None:
            found.rules.clear()

    def _delete(self, chain: Word, words: list[Word], counters: tuple[int, ...]) -> None:
        found = self._existing(chain)
        if found is None:
            return
        assert self.table is not None
        if found.policy is not None or found.rules:
            self.fault(
                chain.column, f"{chain.text} is built in, or not empty: it cannot be deleted"
            )
            return
        del self.table.chains[chain.text]

    def _set_policy(self, chain: Word, words: list[Word], counters: tuple[int, ...]) -> None:
        found = self._existing(chain)
        policy = words[0].text if words else ""
        if found is None:
            return
        if found.policy is None or policy not in _POLICIES:
            self.fault(chain.column, f"bad policy {policy!r} of {chain.text}: ACCEPT or DROP")
        else:
            found.policy = policy

    # --- what needs the whole text

    def _jump(self, table: Table, line: RuleLine) -> None:
        """The chain a rule leads to must be there when the text is over."""
        target = line.rules[0].jump if line.rules else None
        if target is None:
            return
        if target not in table.chains:
            known = [*TARGETS, *table.chains]
            text = f"no chain or target {target!r}{_near(target, known)}"
            self.fault(line.target_column, f"{text}; targets modelled: {', '.join(TARGETS)}")
        elif table.chains[target].policy is not None:
            self.fault(line.target_column, f"{target} is a built-in chain: nothing may jump there")

    def _check(self) -> None:
        """What the kernel refuses: matches and targets where they may not stand."""
        hooks = {name: reach.hooks(table) for name, table in self.ruleset.tables.items()}
        for number, table, line in self.parsed:
            self.number = number
            chain = line.rules[0].chain if line.rules else ""
            names = hooks[table.name].get(chain, frozenset())
            for column, message in line.check(table.name, names, frozenset(self.ruleset.sets)):
                self.fault(column, message)


_SHORT = {
    "--append": "-A", "--insert": "-I", "--new-chain": "-N", "--flush": "-F",
    "--delete-chain": "-X", "--policy": "-P",
}  # fmt: skip


def _near(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""
