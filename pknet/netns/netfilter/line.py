"""One rule's words -> Rule objects.

Law: an option belongs to the match or target that was named before it, as in iptables; ``-p
tcp`` brings the match tcp with it when an option asks for it.
"""

from __future__ import annotations

import copy
import difflib
from collections.abc import Callable, Iterator

from pknet.netns.netfilter.extension import Extension, Match, Setting, Target
from pknet.netns.netfilter.matches import MATCHES
from pknet.netns.netfilter.numbers import network, network6, protocol, protocol_text
from pknet.netns.netfilter.rule import Header, Rule
from pknet.netns.netfilter.targets import TARGETS
from pknet.netns.netfilter.words import Word

_LONG = {
    "--source": "-s", "--src": "-s", "--destination": "-d", "--dst": "-d", "--protocol": "-p",
    "--proto": "-p", "--in-interface": "-i", "--out-interface": "-o", "--match": "-m",
    "--jump": "-j", "--goto": "-g", "--fragment": "-f",
}  # fmt: skip
_NAME_LIMIT = 15  # Linux: IFNAMSIZ - 1


class LineError(ValueError):
    """What is wrong with a line: (column, message) pairs."""

    def __init__(self, problems: list[tuple[int, str]]) -> None:
        self.problems = problems
        super().__init__("; ".join(message for _, message in problems))


class RuleLine:
    """A parsed line. Several addresses in one ``-s`` or ``-d`` make several rules."""

    def __init__(self, chain: str, words: list[Word], family: int) -> None:
        self.family = family
        self.target_column = 1
        self.header = Header()
        self.matches: list[tuple[Match, int]] = []
        self.target: Target | None = None
        self.jump: str | None = None
        self.goto = False
        self.sources: list[str] = []
        self.destinations: list[str] = []
        self.inverted: dict[str, bool] = {}
        self.problems: list[tuple[int, str]] = []
        self._read(iter(words))
        if self.problems:
            raise LineError(self.problems)
        self.rules = [self._rule(chain, s, d) for s, d in self._addresses()]

    # --- reading

    def _read(self, words: Iterator[Word]) -> None:
        inverted = False
        for word in words:
            if word.text == "!" and not word.quoted:
                inverted = True
                continue
            try:
                self._option(word, words, inverted)
            except ValueError as error:
                self.problems.append((word.column, str(error)))
                return  # what follows may belong to what failed
            inverted = False

    def _option(self, word: Word, words: Iterator[Word], inverted: bool) -> None:
        name = _LONG.get(word.text, word.text)
        method: Callable[[str, bool], None] | None = {
            "-s": self._source, "-d": self._destination, "-p": self._protocol,
            "-i": self._indev, "-o": self._outdev, "-m": self._match,
            "-j": self._jump, "-g": self._goto,
        }.get(name)  # fmt: skip
        if name in ("-m", "-j", "-g"):
            self.target_column = word.column
        if name == "-f":
            self.header.fragment = not inverted
        elif method is not None:
            method(self._value(word, words), inverted)
        else:
            self._extension_option(word, words, inverted)

    def _value(self, option: Word, words: Iterator[Word]) -> str:
        value = next(words, None)
        if value is None:
            raise ValueError(f"option {option.text!r} requires an argument")
        if value.text == "!" and not value.quoted:
            raise ValueError(f"write '! {option.text} VALUE', not '{option.text} ! VALUE'")
        return value.text

    def _extension_option(self, word: Word, words: Iterator[Word], inverted: bool) -> None:
        """An option of a match or target already named, or of the protocol's own match."""
        owner = self._owner(word)
        count = owner.options[word.text]
        owner.option(word.text, [self._value(word, words) for _ in range(count)], inverted)

    def _owner(self, word: Word) -> Extension:
        named: list[Extension] = [match for match, _ in reversed(self.matches)]
        if self.target is not None:
            named.insert(0, self.target)
        for extension in named:
            if word.text in extension.options:
                return extension
        if self.header.protocol is not None and not self.header.protocol[1]:
            implied = MATCHES.get(protocol_text(self.header.protocol[0]))
            if implied is not None and word.text in implied.options:
                self.matches.append((implied(), word.column))
                return self.matches[-1][0]
        known = [option for extension in named for option in extension.options]
        close = difflib.get_close_matches(word.text, known, n=1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        raise ValueError(f"unknown option {word.text!r}{hint}")

    # --- the header's options

    def _source(self, text: str, inverted: bool) -> None:
        self.sources, self.inverted["-s"] = self._networks(text, inverted), inverted

    def _destination(self, text: str, inverted: bool) -> None:
        self.destinations, self.inverted["-d"] = self._networks(text, inverted), inverted

    def _networks(self, text: str, inverted: bool) -> list[str]:
        parts = text.split(",")
        for part in parts:
            (network if self.family == 4 else network6)(part)
        if inverted and len(parts) > 1:
            raise ValueError("! not allowed with multiple source or destination IP addresses")
        return parts

    def _protocol(self, text: str, inverted: bool) -> None:
        value = protocol(text)
        if value == 0 and inverted:
            raise ValueError("rule would never match protocol")
        self.header.protocol = None if value == 0 else (value, inverted)

    def _indev(self, text: str, inverted: bool) -> None:
        self.header.indev = self._device(text, inverted)

    def _outdev(self, text: str, inverted: bool) -> None:
        self.header.outdev = self._device(text, inverted)

    def _device(self, text: str, inverted: bool) -> tuple[str, bool] | None:
        if not text or len(text) > _NAME_LIMIT:
            raise ValueError(f"interface name {text!r} must have 1 to {_NAME_LIMIT} characters")
        return None if text == "+" and not inverted else (text, inverted)

    # --- matches and targets

    def _match(self, name: str, inverted: bool) -> None:
        if self.family == 6 and name == "icmp6":
            name = "icmpv6"
        if name not in MATCHES:
            close = difflib.get_close_matches(name, MATCHES, n=1)
            hint = f" (did you mean {close[0]!r}?)" if close else ""
            raise ValueError(f"no match {name!r}{hint}; modelled: {', '.join(MATCHES)}")
        self.matches.append((MATCHES[name](), self.target_column))

    def _jump(self, name: str, inverted: bool) -> None:
        if self.target is not None or self.jump is not None:
            raise ValueError("a rule has one target")
        if name in TARGETS:
            self.target = TARGETS[name]()
        else:
            self.jump = name

    def _goto(self, name: str, inverted: bool) -> None:
        self._jump(name, inverted)
        if self.target is not None:
            raise ValueError("-g takes a chain, not a target")
        self.goto = True

    # --- the outcome

    def _addresses(self) -> list[tuple[str | None, str | None]]:
        return [(s, d) for s in self.sources or [None] for d in self.destinations or [None]]  # type: ignore[list-item]

    def _rule(self, chain: str, source: str | None, destination: str | None) -> Rule:
        header = copy.copy(self.header)
        for option, text in (("-s", source), ("-d", destination)):
            if text is not None:
                self._set_network(header, option, text, self.inverted[option])
        matches = [match for match, _ in self.matches]
        return Rule(chain, header, matches, self.target, self.jump, self.goto)

    def _set_network(self, header: Header, option: str, text: str, inverted: bool) -> None:
        name = "source" if option == "-s" else "destination"
        if self.family == 6:
            setattr(header, f"{name}6", (text, inverted))
            return
        address, mask = network(text)
        if mask or inverted:
            setattr(header, name, (address, mask, inverted))

    def check(
        self, table: str, hooks: frozenset[str], sets: frozenset[str]
    ) -> list[tuple[int, str]]:
        """What is wrong with the rule where it stands: (column, message)."""
        number, inverted = self.header.protocol or (0, False)
        chain = self.rules[0].chain
        setting = Setting(table, chain, number, inverted, self.family, sets, hooks)
        problems = []
        for extension, column in (*self.matches, (self.target, self.target_column)):
            try:
                if extension is not None:
                    extension.check(setting)
            except ValueError as error:
                problems.append((column, str(error)))
        problems += self._device_problems(hooks)
        return problems

    def _device_problems(self, hooks: frozenset[str]) -> list[tuple[int, str]]:
        """iptables' "Can't use -o with INPUT"; said of built-in chains only."""
        chain = self.rules[0].chain
        problems = []
        if self.header.indev and chain in ("OUTPUT", "POSTROUTING"):
            problems.append((1, f"Can't use -i with {chain}"))
        if self.header.outdev and chain in ("PREROUTING", "INPUT"):
            problems.append((1, f"Can't use -o with {chain}"))
        return problems
