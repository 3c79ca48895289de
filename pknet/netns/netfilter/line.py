"""One rule's words -> Rule objects.

Law: an option belongs to the match or target that was named before it, as in iptables; ``-p
tcp`` brings the match tcp with it when an option asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pknet.netns.netfilter.extension import Extension, Match, Setting, Target
from pknet.netns.netfilter.faults import LineError, near
from pknet.netns.netfilter.header_options import HeaderOptions
from pknet.netns.netfilter.matches import IMPLIED, MATCHES
from pknet.netns.netfilter.rule import Chain, Rule
from pknet.netns.netfilter.targets import TARGETS
from pknet.netns.netfilter.words import Word

_LONG = {"--match": "-m", "--jump": "-j", "--goto": "-g"}


class RuleLine:
    """A parsed line. Several addresses in one ``-s`` or ``-d`` make several rules.

    ``chains`` are those of its table; it may jump to the user's own. Raises LineError.
    """

    def __init__(self, words: list[Word], family: int, chains: Mapping[str, Chain]) -> None:
        self.family = family
        self.header = HeaderOptions(family)
        self.matches: list[tuple[Match, int]] = []
        self.target: tuple[Target, int] | None = None
        self.jump: str | None = None
        self.goto = False
        self._chains = chains
        self._words = iter(words)
        self._read()

    def rules(self, chain: str) -> list[Rule]:
        """One rule for each pair of addresses. They share the extensions, which keep no state."""
        matches = [match for match, _ in self.matches]
        target = self.target[0] if self.target else None
        return [
            Rule(chain, header, matches, target, self.jump, self.goto)
            for header in self.header.headers()
        ]

    def extensions(self) -> Iterator[tuple[Extension, int]]:
        """Matches and target, each with the column where it is named."""
        yield from self.matches
        if self.target is not None:
            yield self.target

    def check(self, setting: Setting) -> Iterator[tuple[int, str]]:
        """What is wrong with the rule where it stands: (column, message)."""
        for extension, column in self.extensions():
            try:
                extension.check(setting)
            except ValueError as error:
                yield column, str(error)

    # --- reading

    def _read(self) -> None:
        for word in self._words:
            inverted = word.is_not
            option = next(self._words, None) if inverted else word
            if option is None:
                raise LineError(word.column, "nothing follows '!'")
            if option.is_not:
                raise LineError(option.column, "one '!' is enough")
            try:
                self._option(option, inverted)
            except ValueError as error:
                raise LineError(option.column, str(error)) from None
        for extension, column in self.extensions():
            try:
                extension.complete()
            except ValueError as error:
                raise LineError(column, str(error)) from None

    def _option(self, word: Word, inverted: bool) -> None:
        word = self._spelled_out(word)
        name = _LONG.get(word.text, word.text)
        if name in ("-m", "-j", "-g"):
            if inverted:
                raise ValueError(f"cannot have '!' before {name}")
            (value,) = self._values(word, 1)
            if name == "-m":
                self._match(value, word.column)
            else:
                self._lead_to(value, name == "-g", word.column)
            return
        owner = self._owner(word)
        values = self._values(word, owner.words_of(word.text) or 0)
        owner.take(word.text, values, inverted)

    def _spelled_out(self, word: Word) -> Word:
        """A long option may be cut short while one alone begins so (getopt_long(3))."""
        if word.quoted or not word.text.startswith("--"):
            return word
        owners: list[HeaderOptions | Extension] = [
            self.header,
            *(one for one, _ in self.extensions()),
        ]
        implied = self._implied()
        names = [*_LONG, *(name for owner in owners for name in owner.spellings())]
        names += implied.spellings() if implied is not None else []
        begun = {name for name in names if name.startswith(word.text)}
        if word.text in begun or len(begun) != 1:
            return word
        return word._replace(text=begun.pop())

    def _values(self, option: Word, count: int) -> list[str]:
        values = []
        for _ in range(count):
            value = next(self._words, None)
            if value is None:
                raise ValueError(f"option {option.text!r} requires an argument")
            if value.is_not:
                raise ValueError(f"write '! {option.text} VALUE', not '{option.text} ! VALUE'")
            values.append(value.text)
        return values

    def _owner(self, word: Word) -> HeaderOptions | Extension:
        """Who takes an option: the header, an extension already named, or the protocol's own."""
        if not word.text.startswith("-") or word.quoted:
            raise ValueError(f"bad argument {word.text!r}: an option is needed")
        named = [extension for extension, _ in self.extensions()][::-1]
        owners: list[HeaderOptions | Extension] = [self.header, *named]
        for owner in owners:
            if owner.words_of(word.text) is not None:
                return owner
        implied = self._implied()
        if implied is not None and implied.words_of(word.text) is not None:
            self.matches.append((implied(self.family), word.column))
            return self.matches[-1][0]
        kinds = [type(extension) for extension in named] + ([implied] if implied else [])
        raise ValueError(f"unknown option {word.text!r}{_hint(word.text, kinds)}")

    def _implied(self) -> type[Match] | None:
        """The match of the protocol that -p names."""
        number, inverted = self.header.protocol
        return None if inverted else IMPLIED[self.family].get(number)

    # --- matches and targets

    def _match(self, name: str, column: int) -> None:
        known = [match.name for match in MATCHES.values() if self.family in match.families]
        if name not in known:
            raise ValueError(f"no match {name!r}{near(name, known)}; modelled: {', '.join(known)}")
        self.matches.append((MATCHES[name](self.family), column))

    def _lead_to(self, name: str, goto: bool, column: int) -> None:
        if self.target is not None or self.jump is not None:
            raise ValueError("a rule has one target")
        if name in TARGETS and not goto:
            self.target = (TARGETS[name](self.family), column)
        elif name in self._chains and self._chains[name].policy is None:
            self.jump, self.goto = name, goto
        else:
            own = [chain.name for chain in self._chains.values() if chain.policy is None]
            known = [*(() if goto else TARGETS), *own]
            kind = "chain" if goto else "chain or target"
            modelled = "" if goto else f"; targets modelled: {', '.join(TARGETS)}"
            raise ValueError(f"no {kind} {name!r}{near(name, known)}{modelled}")


def _hint(option: str, named: list[type[Extension]]) -> str:
    """Who takes such an option; else one of the rule's own that is spelled much like it."""
    every: list[type[Extension]] = [*MATCHES.values(), *TARGETS.values()]
    owners = [one.name for one in every if one.words_of(option) is not None]
    if owners:
        return f": it is one of {', '.join(owners)}, which this rule does not name before it"
    return near(option, [name for one in named for name in (*one.options, *one.aliases)])
