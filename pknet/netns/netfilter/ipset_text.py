"""``ipset save`` text -> sets.

Law: as with rules, every bad line is found, each with its place.
"""

from __future__ import annotations

from pknet.netns.netfilter.faults import LineError, RuleFault, near
from pknet.netns.netfilter.ipset import NAME_LIMIT, TYPES, IpSet
from pknet.netns.netfilter.words import Word, split

#: Options of ``create`` that say how much room a set takes, and not what it matches.
_SIZES = frozenset({"hashsize", "maxelem", "range", "bucketsize", "initval"})
_FAMILIES = {"inet": 4, "inet6": 6}


def parse_sets(text: str, faults: list[RuleFault]) -> dict[str, IpSet]:
    """The sets of ``text``; what is wrong is noted in ``faults``."""
    sets: dict[str, IpSet] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            _line(sets, split(line))
        except LineError as error:
            faults.append(RuleFault(number, error.column, str(error), "ipset"))
    return sets


def _line(sets: dict[str, IpSet], words: list[Word]) -> None:
    command = words[0]
    if command.text not in ("create", "add") or len(words) < 3:
        raise LineError(command.column, "expected 'create NAME TYPE …' or 'add NAME ELEMENT'")
    if command.text == "create":
        _create(sets, words[1], words[2], words[3:])
    else:
        _add(sets, words[1], words[2], words[3:])


def _create(sets: dict[str, IpSet], name: Word, kind: Word, options: list[Word]) -> None:
    if kind.text not in TYPES:
        known = ", ".join(TYPES)
        raise LineError(
            kind.column, f"no set type {kind.text!r}{near(kind.text, TYPES)}; modelled: {known}"
        )
    if name.text in sets:
        raise LineError(name.column, f"the set {name.text!r} exists already")
    if len(name.text.encode()) > NAME_LIMIT:
        raise LineError(name.column, f"the name {name.text!r} is longer than {NAME_LIMIT} bytes")
    sets[name.text] = IpSet(name.text, kind.text, _family(options))


def _family(options: list[Word]) -> int:
    """The one option that counts; each of the others has a value, but for ``comment``."""
    family = 4
    words = iter(options)
    for option in words:
        if option.text == "comment":
            continue
        value = next(words, None)
        if option.text == "family" and value is not None and value.text in _FAMILIES:
            family = _FAMILIES[value.text]
        elif option.text not in _SIZES or value is None:
            raise LineError(option.column, f"the set option {option.text!r} is not modelled")
    return family


def _add(sets: dict[str, IpSet], name: Word, element: Word, extra: list[Word]) -> None:
    if name.text not in sets:
        hint = near(name.text, sets)
        raise LineError(name.column, f"the set {name.text!r} does not exist{hint}")
    nomatch = False
    words = iter(extra)
    for word in words:
        if word.text == "comment":
            next(words, None)
        elif word.text == "nomatch" and "net" in sets[name.text].dimensions:
            nomatch = True
        else:
            raise LineError(word.column, f"the element option {word.text!r} is not modelled")
    try:
        sets[name.text].add(element.text, nomatch)
    except ValueError as error:
        raise LineError(element.column, str(error)) from None
