"""What a line may tell a table to do: append, insert, delete, …

Law: a command changes the table as iptables would, or raises LineError and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.netns.netfilter.chain import Table
from pknet.netns.netfilter.faults import LineError, near
from pknet.netns.netfilter.line import RuleLine
from pknet.netns.netfilter.rule import Chain
from pknet.netns.netfilter.targets import TARGETS
from pknet.netns.netfilter.words import Word

NAME_LIMIT = 28  # Linux: XT_EXTENSION_MAXNAMELEN - 1
POLICIES = ("ACCEPT", "DROP")
_VERDICTS = ("ACCEPT", "DROP", "QUEUE", "RETURN")

Counters = tuple[int, int]  # packets, bytes


class Commands:
    """The commands for one table. ``read`` keeps each rule's line, for what is checked last."""

    def __init__(self, table: Table, family: int) -> None:
        self.table = table
        self.family = family
        self.number = 0
        self.read: list[tuple[int, str, RuleLine]] = []  # line, chain, what it says

    def do(self, words: list[Word], counters: Counters) -> None:
        """One line. Raises LineError."""
        name, rest = words[0], words[1:]
        command = _COMMANDS.get(_LONG.get(name.text, name.text))
        if command is None:
            allowed = " ".join(_COMMANDS)
            raise LineError(name.column, f"unknown command {name.text!r}; allowed: {allowed}")
        if not rest:
            raise LineError(name.column, f"{name.text} needs a chain")
        command(self, rest[0], rest[1:], counters)

    # --- chains

    def existing(self, name: Word) -> Chain:
        """The chain. Raises LineError where there is none."""
        chain = self.table.chains.get(name.text)
        if chain is None:
            hint = near(name.text, self.table.chains)
            raise LineError(name.column, f"no chain {name.text!r} in table {self.table.name}{hint}")
        return chain

    def create(self, name: Word) -> Chain:
        """A chain of the user's own. Raises LineError for a name that cannot be one."""
        if name.text in _VERDICTS or name.text[:1] in ("-", "!"):
            raise LineError(name.column, f"{name.text!r} cannot be the name of a chain")
        if len(name.text.encode()) > NAME_LIMIT:
            raise LineError(
                name.column, f"the chain name {name.text!r} is longer than {NAME_LIMIT}"
            )
        chain = Chain(name.text)
        self.table.chains[name.text] = chain
        return chain

    def _new(self, name: Word, words: list[Word], counters: Counters) -> None:
        if name.text in self.table.chains:
            raise LineError(name.column, f"chain {name.text!r} already exists")
        if name.text in TARGETS:
            raise LineError(name.column, f"{name.text!r} is a target: no chain may be called so")
        self.create(name)

    def _flush(self, name: Word, words: list[Word], counters: Counters) -> None:
        self.existing(name).rules.clear()

    def _delete_chain(self, name: Word, words: list[Word], counters: Counters) -> None:
        chain = self.existing(name)
        if chain.policy is not None:
            raise LineError(name.column, f"{name.text} is built in: it cannot be deleted")
        if chain.rules:
            raise LineError(name.column, f"{name.text} still has rules: it cannot be deleted")
        del self.table.chains[name.text]

    def _policy(self, name: Word, words: list[Word], counters: Counters) -> None:
        if not words:
            raise LineError(name.column, "-P needs a chain and a policy")
        self.set_policy(self.existing(name), name, words[0])

    def set_policy(self, chain: Chain, name: Word, policy: Word) -> None:
        """Raises LineError for a chain of the user's own, or another word."""
        if chain.policy is None:
            raise LineError(
                name.column,
                f"{name.text} is no built-in chain of {self.table.name}: it has no policy",
            )
        if policy.text not in POLICIES:
            raise LineError(policy.column, f"bad policy {policy.text!r}: ACCEPT or DROP")
        chain.policy = policy.text

    # --- rules

    def _append(self, name: Word, words: list[Word], counters: Counters) -> None:
        self._place(len(self.existing(name).rules), name, words, counters)

    def _insert(self, name: Word, words: list[Word], counters: Counters) -> None:
        """Before rule N (1); each of several addresses is put before the last one."""
        index = 1
        chain = self.existing(name)
        if words and words[0].text.isdecimal():
            number = words.pop(0)
            index = int(number.text)
            if not 1 <= index <= len(chain.rules) + 1:
                raise LineError(number.column, f"there is no place {index} in {name.text}")
        at = index - 1
        for _ in range(self._place(at, name, words, counters) - 1):
            at += 1
            chain.rules.insert(index - 1, chain.rules.pop(at))

    def _place(self, at: int, name: Word, words: list[Word], counters: Counters) -> int:
        """Put the rules of a line into the chain; returns how many they are."""
        chain = self.existing(name)
        line = self._line(words)
        rules = line.rules(name.text)
        for rule in rules:
            rule.line = self.number
            rule.packets, rule.bytes = counters
        chain.rules[at:at] = rules
        self._device_check(name, line)
        self.read.append((self.number, name.text, line))
        return len(rules)

    def _line(self, words: list[Word]) -> RuleLine:
        return RuleLine(words, self.family, self.table.chains)

    def _device_check(self, name: Word, line: RuleLine) -> None:
        """Said of built-in chains only (iptables: "Can't use -i with OUTPUT")."""
        if line.header.indev and name.text in ("OUTPUT", "POSTROUTING"):
            raise LineError(name.column, f"can't use -i with {name.text}")
        if line.header.outdev and name.text in ("PREROUTING", "INPUT"):
            raise LineError(name.column, f"can't use -o with {name.text}")

    def _delete(self, name: Word, words: list[Word], counters: Counters) -> None:
        """By number, or the first rule that says the same."""
        chain = self.existing(name)
        if len(words) == 1 and words[0].text.isdecimal():
            index = int(words[0].text) - 1
            if not 0 <= index < len(chain.rules):
                raise LineError(words[0].column, f"there is no rule {index + 1} in {name.text}")
            del chain.rules[index]
            return
        for wanted in self._line(words).rules(name.text):
            same = [rule for rule in chain.rules if rule.words() == wanted.words()]
            if not same:
                raise LineError(name.column, f"{name.text} has no such rule: {wanted}")
            chain.rules.remove(same[0])


_COMMANDS: dict[str, Callable[[Commands, Word, list[Word], Counters], None]] = {
    "-A": Commands._append, "-I": Commands._insert, "-D": Commands._delete,
    "-N": Commands._new, "-F": Commands._flush, "-X": Commands._delete_chain,
    "-P": Commands._policy,
}  # fmt: skip
_LONG = {
    "--append": "-A", "--insert": "-I", "--delete": "-D", "--new-chain": "-N", "--new": "-N",
    "--flush": "-F", "--delete-chain": "-X", "--policy": "-P",
}  # fmt: skip
