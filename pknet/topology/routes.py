"""Routes in iproute2's own words, as ``ip route add`` takes them.

Law: a word that is not understood is an error that names it; none is passed over. What the
words mean for a node (gateways, devices, addresses) is for ``check``.
"""

from __future__ import annotations

from typing import Literal, cast

from pknet.topology.address import ipv4_address, ipv4_prefix
from pknet.topology.fault import listed, near, shown
from pknet.topology.spec import RouteSpec, RouteType

_Scope = Literal["global", "link", "host"]

_TYPES: tuple[RouteType, ...] = (
    "unicast", "local", "unreachable", "prohibit", "blackhole", "throw",
)  # fmt: skip
_UNMODELLED_TYPES = ("broadcast", "anycast", "multicast", "nat")
#: Types that say no, and have no way of their own (Linux: fib_props[].error).
_REFUSALS = ("unreachable", "prohibit", "blackhole", "throw")
_VALUES = ("via", "dev", "src", "metric", "mtu", "scope", "proto", "table")
_SYNONYMS = {"protocol": "proto", "preference": "metric", "priority": "metric"}
_SCOPES = ("global", "link", "host")
#: iproute2: /etc/iproute2/rt_protos
_PROTOCOLS = ("kernel", "boot", "static", "redirect", "ra", "zebra", "bird", "dhcp", "bgp", "ospf")
MIN_MTU, MAX_MTU = 68, 65520  # bytes (RFC 791; Linux: ip_metrics_convert caps it)
MAX_METRIC = 2**32 - 1


def route(text: str) -> RouteSpec:
    """``10.1.2.0/24 via 192.168.0.2``. Raises ValueError in words."""
    words = text.split()
    kind = _type(words)
    if words[:1] == ["to"]:
        del words[0]
    if not words:
        raise ValueError(f"{shown(text)} names no destination such as 10.1.2.0/24, or 'default'")
    prefix = ipv4_prefix(words.pop(0))
    options = _options(words)
    _choice(options, "table", "main", ("main", "254"))
    _check_way(kind, options)
    via = ipv4_address(options["via"]) if "via" in options else None
    return RouteSpec(
        text,
        prefix,
        via=via,
        dev=options.get("dev"),
        src=ipv4_address(options["src"]) if "src" in options else None,
        metric=_number(options, "metric", 0, 0, MAX_METRIC),
        type=kind,
        scope=_scope(kind, options),
        onlink="onlink" in options,
        mtu=_number(options, "mtu", 0, MIN_MTU, MAX_MTU) or None,
        protocol=_choice(options, "proto", "boot", _PROTOCOLS),
    )


def _type(words: list[str]) -> RouteType:
    if words and words[0] in _UNMODELLED_TYPES:
        raise ValueError(f"routes of type {words[0]} are not modelled; allowed: {listed(_TYPES)}")
    if words and words[0] in _TYPES:
        return cast(RouteType, words.pop(0))
    return "unicast"


def _options(words: list[str]) -> dict[str, str]:
    """Option by name; ``onlink`` stands alone, the others take a value."""
    options: dict[str, str] = {}
    while words:
        word = words.pop(0)
        name = _SYNONYMS.get(word, word)
        if name not in (*_VALUES, "onlink"):
            known = (*_VALUES, "onlink")
            raise ValueError(f"unknown word {shown(word)}{near(word, known)}; allowed: "
                             f"{listed(known)}")  # fmt: skip
        if name in options:
            raise ValueError(f"{name!r} stands here twice")
        if name != "onlink" and not words:
            raise ValueError(f"{name!r} needs a value after it")
        options[name] = words.pop(0) if name != "onlink" else ""
    return options


def _check_way(kind: RouteType, options: dict[str, str]) -> None:
    """What Linux answers EINVAL or ENODEV to (fib_create_info)."""
    if kind in _REFUSALS:
        extra = [name for name in ("via", "dev", "onlink") if name in options]
        if extra:
            raise ValueError(f"a route of type {kind} takes no {' and no '.join(extra)}")
        return
    if kind == "local" and "via" in options:
        raise ValueError("a local route takes no 'via'")
    if kind == "local" and "dev" not in options:
        raise ValueError("a local route needs 'dev' and a device, such as lo")
    if "via" not in options and "dev" not in options:
        raise ValueError("a route needs 'via' and an address, or 'dev' and an interface")
    if "onlink" in options and not ("dev" in options and "via" in options):
        raise ValueError("Nexthop device required for onlink: 'via' and 'dev' go with it")


def _number(options: dict[str, str], name: str, default: int, low: int, high: int) -> int:
    word = options.get(name)
    if word is None:
        return default
    try:
        number = int(word, 0) if word.isascii() and word.isalnum() else -1
    except ValueError:
        number = -1
    if not low <= number <= high:
        raise ValueError(f"{name} {shown(word)} is out of range; allowed: {low} to {high}")
    return number


def _choice(options: dict[str, str], name: str, default: str, allowed: tuple[str, ...]) -> str:
    word = options.get(name, default)
    if word not in allowed:
        raise ValueError(f"{name} {shown(word)} is not modelled; allowed: {listed(allowed)}")
    return word


def _scope(kind: RouteType, options: dict[str, str]) -> _Scope:
    """iproute2's default: how far the next hop leaves us from the destination (iproute_modify)."""
    default = "global"
    if kind == "local":
        default = "host"
    elif kind == "unicast" and "via" not in options:
        default = "link"
    scope = cast(_Scope, _choice(options, "scope", default, _SCOPES))
    if "via" in options and scope != "global":
        raise ValueError(f"Nexthop has invalid gateway: none is nearer than scope {scope}")
    return scope
