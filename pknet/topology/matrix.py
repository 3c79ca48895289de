"""``matrix``: who is to reach what.

    matrix:
      from: [a1, b1]                    hosts; all, unless said
      to:                               every listener and Service, unless said
        - {tcp: "172.30.0.1:80", name: web}
        - {udp: "172.30.0.10:53"}
        - {ping: 10.1.2.1}
      unreached:                        what must not be reached; all else must be
        - {from: b1, to: web}
        - {to: "b1:8080/tcp"}           from anywhere

Law: what is expected is said by the file, and is a fault where it speaks of nothing that is asked.
"""

from __future__ import annotations

from pknet.topology.address import ipv4_address
from pknet.topology.fault import listed
from pknet.topology.matrix_spec import MatrixSpec, Protocol, Target, Unreached
from pknet.topology.target import target
from pknet.topology.value import Value, every, parsed

MATRIX_KEYS = ("from", "to", "unreached")
TARGET_KEYS = ("ping", "tcp", "udp", "name")


def matrix(value: Value) -> MatrixSpec:
    """For ``Fields.read``."""
    fields = value.fields(*MATRIX_KEYS)
    return MatrixSpec(
        value.place,
        fields.read("from", _names, None),
        fields.read("to", _targets, None),
        fields.read("unreached", _unreached, ()),
    )


def _names(value: Value) -> tuple[str, ...]:
    before = len(value.source.faults)
    names = every(item.text() for item in value.items())
    if not names and len(value.source.faults) == before:
        value.fault("no host is named; leave 'from' out for all of them")
    return tuple(dict.fromkeys(names))


def _targets(value: Value) -> tuple[Target, ...]:
    found: dict[str, Target] = {}
    before = len(value.source.faults)
    for item in value.items():
        one = _target(item)
        if one is not None and found.setdefault(one.name, one) is not one:
            item.fault(f"{one.name} stands here twice; give one of them another 'name'")
    if not found and len(value.source.faults) == before:
        value.fault("no target is named; leave 'to' out for every listener and Service")
    return tuple(found.values())


def _target(value: Value) -> Target | None:
    before = len(value.source.faults)
    fields = value.fields(*TARGET_KEYS)
    kinds: list[Protocol] = [kind for kind in ("ping", "tcp", "udp") if kind in fields]
    if len(kinds) != 1:
        if len(value.source.faults) == before:
            value.fault(f"a target is one of ping, tcp, udp; this is {listed(kinds)}")
        return None
    if kinds == ["ping"]:
        address, port = fields.read("ping", parsed(ipv4_address), None), 0
    else:
        address, port = fields.read(kinds[0], parsed(target), (None, 0))
    if address is None:
        return None
    plain = Target("", kinds[0], address, port)
    name = fields.read("name", Value.text, f"{'' if port else 'ping '}{plain.where}")
    return Target(name, kinds[0], address, port)


def _unreached(value: Value) -> tuple[Unreached, ...]:
    return tuple(_exception(item) for item in value.items())


def _exception(value: Value) -> Unreached:
    fields = value.fields("from", "to")
    source, target = (fields.read(key, Value.text, None) for key in ("from", "to"))
    if not fields:
        value.fault("{from: HOST, to: TARGET}, or one of them: not everything is unreached")
    return Unreached(value.place, source, target)
