"""Routes in iproute2's own words, as ``ip route add`` takes them.

Law: a word that is not understood is an error that names it; none is passed over.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from pknet.topology.fault import near
from pknet.topology.reader import ipv4_address
from pknet.topology.spec import RouteSpec, RouteType

_TYPES: dict[str, RouteType] = {
    "unicast": "unicast", "unreachable": "unreachable", "prohibit": "prohibit",
    "blackhole": "blackhole", "throw": "throw", "local": "local",
}  # fmt: skip
_OPTIONS = ("via", "dev", "src", "metric", "mtu", "scope", "onlink", "proto")
_SCOPES = {"global": "global", "universe": "global", "link": "link", "host": "host"}


def route(text: str) -> RouteSpec:
    """``10.1.2.0/24 via 192.168.0.2``. Raises ValueError in words."""
    words = text.split()
    kind: RouteType = "unicast"
    if words and words[0] in _TYPES:
        kind = _TYPES[words.pop(0)]
    if not words:
        raise ValueError(f"{text!r} names no destination")
    prefix = _prefix(words.pop(0))
    options = _options(words)
    _check_type(kind, options)
    return RouteSpec(
        text,
        prefix,
        via=_address(options, "via"),
        dev=options.get("dev"),
        src=_address(options, "src"),
        metric=_number(options, "metric", 0),
        type=kind,
        scope=_scope(options),
        onlink="onlink" in options,
        mtu=_number(options, "mtu", 0) or None,
    )


def _prefix(word: str) -> IPv4Network:
    if word == "default":
        word = "0.0.0.0/0"
    try:
        return IPv4Network(word)
    except ValueError as error:
        if "host bits" in str(error):
            fix = IPv4Network(word, strict=False)
            raise ValueError(f"Invalid prefix {word!r}: host bits are set; {fix}?") from None
        raise ValueError(f"{word!r} is no prefix such as 10.1.2.0/24, nor 'default'") from None


def _options(words: list[str]) -> dict[str, str]:
    """Option by name; ``onlink`` stands alone, the others take a value."""
    options: dict[str, str] = {}
    while words:
        name = words.pop(0)
        if name == "dev" and "dev" in options:
            raise ValueError("'dev' is given twice")
        if name not in _OPTIONS:
            raise ValueError(
                f"unknown word {name!r}{near(name, _OPTIONS)}; allowed: {', '.join(_OPTIONS)}"
            )
        if name in options:
            raise ValueError(f"{name!r} is given twice")
        if name == "onlink":
            options[name] = ""
        elif words:
            options[name] = words.pop(0)
        else:
            raise ValueError(f"{name!r} needs a value")
    return options


def _check_type(kind: RouteType, options: dict[str, str]) -> None:
    if kind in ("unreachable", "prohibit", "blackhole", "throw"):
        extra = [name for name in ("via", "dev", "src", "onlink") if name in options]
        if extra:
            raise ValueError(f"a route of type {kind} takes no {' or '.join(extra)}")
    if kind == "unicast" and "via" not in options and "dev" not in options:
        raise ValueError("a route needs 'via' and an address, or 'dev' and an interface")
    if kind == "local" and "dev" not in options:
        raise ValueError("a local route needs 'dev' and an interface")


def _address(options: dict[str, str], name: str) -> IPv4Address | None:
    return ipv4_address(options[name]) if name in options else None


def _number(options: dict[str, str], name: str, default: int) -> int:
    word = options.get(name)
    if word is None:
        return default
    if not word.isdecimal() or int(word) > 2**32 - 1:
        raise ValueError(f"{name} {word!r} is no number")
    return int(word)


def _scope(options: dict[str, str]):  # type: ignore[no-untyped-def]
    word = options.get("scope", "global")
    if word not in _SCOPES:
        raise ValueError(f"scope {word!r} is none of {', '.join(_SCOPES)}")
    return _SCOPES[word]
