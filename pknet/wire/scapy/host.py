"""Scapy with the host shut out.

Law: inside ``no_host`` whatever Scapy asks of the machine it runs on (routes, neighbours, names)
is refused, whatever a user has imported before; afterwards all is as it was. Scapy's own
warnings are errors there: they tell of bytes that it left out.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from ipaddress import IPv4Address, IPv6Address, ip_address
from types import ModuleType
from typing import Any

import scapy.interfaces
from scapy.config import conf

_RUNTIME = logging.getLogger("scapy.runtime")


class HostAskedError(Exception):
    """Scapy wanted to know something of the host."""


class ScapyWarning(Exception):  # noqa: N818 (a warning that ends what was being done)
    """Scapy would have gone on with a warning."""


@contextmanager
def replaced(*places: tuple[object, str, object]) -> Iterator[None]:
    """Each (object, attribute) holds another value for a while."""
    kept = [(thing, name, vars(thing).get(name, _ABSENT)) for thing, name, _ in places]
    try:
        for thing, name, value in places:
            setattr(thing, name, value)
        yield
    finally:
        for thing, name, value in reversed(kept):
            if value is _ABSENT:
                delattr(thing, name)
            else:
                setattr(thing, name, value)


_ABSENT = object()


def load_module(name: str) -> ModuleType:
    """Import one of Scapy's modules; it finds no interfaces, no routes and no names."""
    table = scapy.interfaces.NetworkInterfaceDict
    with replaced(
        (conf, "route_autoload", False),
        (conf, "route6_autoload", False),
        (table, "reload", lambda self: None),
        (table, "load_confiface", lambda self: None),
        *_NAMES,
    ):
        return import_module(name)


@contextmanager
def no_host() -> Iterator[None]:
    """Nothing is asked of the host. Raises HostAskedError, ScapyWarning."""
    with replaced(
        (conf, "route", _Refuse()),
        (conf, "route6", _Refuse()),
        (conf.neighbor, "resolve", _refuse_neighbour),
        (_RUNTIME, "isEnabledFor", lambda level: level >= logging.WARNING),
        (_RUNTIME, "filters", [_raise_warning]),
        *_NAMES,
    ):
        yield


class _Refuse:
    """Stands where Scapy keeps the host's routes."""

    def __getattr__(self, name: str) -> Any:
        raise HostAskedError("Scapy would take a missing field from this machine's routes")


def _refuse_neighbour(*args: object) -> Any:
    raise HostAskedError("Scapy would ask this machine's network for a missing MAC")


def _raise_warning(record: logging.LogRecord) -> bool:
    raise ScapyWarning(record.getMessage())


def _address(name: object) -> IPv4Address | IPv6Address:
    try:
        return ip_address(str(name))
    except ValueError:
        text = f"{name!r} is no address: host names are not looked up"
        raise HostAskedError(text) from None


def _number_only(name: object, *args: object) -> str:
    """What gethostbyname says of an address that is one already."""
    return str(_address(name))


def _number_info(name: object, *args: object, **kwargs: object) -> list[tuple[Any, ...]]:
    """The same for getaddrinfo."""
    address = _address(name)
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    return [(family, 0, 0, "", (str(address), 0))]


_NAMES: tuple[tuple[object, str, object], ...] = (
    (socket, "gethostbyname", _number_only),
    (socket, "getaddrinfo", _number_info),
)

load_module("scapy.layers.l2")
load_module("scapy.layers.inet")
