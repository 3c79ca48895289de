"""Two nodes with a VXLAN tunnel between them, a router on the way, and one input flipped."""

from __future__ import annotations

from pathlib import Path

from pknet.kernel.capture import Captured
from pknet.lab.lab import Lab
from pknet.topology.load import load_text
from pknet.topology.spec import Spec
from pknet.trace import Dropped, copies

A_MAC, B_MAC = "02:00:00:00:01:f1", "02:00:00:00:03:f1"
PING = "{ping: 10.1.2.1, from: a1, id: 1, seq: 1, ipid: 7}"

_TWO_NODES = """
name: two-nodes
nodes:
  node-a:
    kind: node
    interfaces: {{eth0: {{addresses: [192.168.1.1/24]}}, vA1: {{addresses: [10.1.1.254/24]}}}}
    tunnels: {{vx: {{type: "{type_a}", addresses: [10.1.1.0/32], mac: "{A_MAC}", mtu: {mtu}}}}}
    fdb: [{fdb}]
    neighbours: {{{neighbours}}}
    routes: [default via 192.168.1.254, 10.1.2.0/24 via 10.1.2.0 dev vx onlink]
    iptables: "{rules_a}"
  a1:
    interfaces: {{eth0: {{addresses: [10.1.1.1/24]}}}}
    routes: [default via 10.1.1.254]
  node-b:
    kind: node
    interfaces: {{eth0: {{addresses: [192.168.2.1/24]}}, vB1: {{addresses: [10.1.2.254/24]}}}}
    tunnels: {{vx: {{type: "{type_b}", addresses: [10.1.2.0/32], mac: "{B_MAC}", mtu: {mtu}}}}}
    fdb: ["{A_MAC} dev vx dst 192.168.1.1"]
    neighbours: {{10.1.1.0: {{mac: "{A_MAC}", dev: vx}}}}
    routes: [default via 192.168.2.254, 10.1.1.0/24 via 10.1.1.0 dev vx onlink]
    iptables: "{rules_b}"
  b1:
    interfaces: {{eth0: {{addresses: [10.1.2.1/24]}}}}
    routes: [default via 10.1.2.254]
    listen: [{{tcp: 8080, reply: pong}}, {{udp: 53, reply: hello}}]
  r1:
    kind: router
    interfaces:
      eth0: {{addresses: [192.168.1.254/24]}}
      eth1: {{addresses: [192.168.2.254/24], mtu: {router_mtu}}}
links:
  - ['a1:eth0', 'node-a:vA1']
  - ['b1:eth0', 'node-b:vB1']
  - ['node-a:eth0', 'r1:eth0']
  - ['node-b:eth0', 'r1:eth1']
traffic:
{traffic}
"""

#: Each tunnel's far end is behind the other tunnel.
LOOP = f"""
name: loop
nodes:
  node-a:
    tunnels:
      vx: {{type: vxlan id 1, addresses: [172.16.0.9/24]}}
      vy: {{type: vxlan id 2, addresses: [172.17.0.9/24]}}
    fdb: ["{B_MAC} dev vx dst 172.17.0.1", "{B_MAC} dev vy dst 172.16.0.1"]
    neighbours:
      172.16.0.1: {{mac: "{B_MAC}", dev: vx}}
      172.17.0.1: {{mac: "{B_MAC}", dev: vy}}
traffic: [{{ping: 172.16.0.1, from: node-a, ipid: 7}}]
"""


def two_nodes(*traffic: str, options: str = "nolearning", far: str | None = None,
              **changes: str | int) -> Spec:  # fmt: skip
    """``options`` are those of node-a's device, ``far`` of node-b's (without: the same)."""
    values: dict[str, str | int] = {
        "type_a": f"vxlan id 1 local 192.168.1.1 {options}",
        "type_b": f"vxlan id 1 local 192.168.2.1 {options if far is None else far}",
        "fdb": f'"{B_MAC} dev vx dst 192.168.2.1"',
        "neighbours": f'10.1.2.0: {{mac: "{B_MAC}", dev: vx}}',
        "mtu": 1450,
        "router_mtu": 1500,
        "rules_a": "",
        "rules_b": "",
    }
    items = "\n".join(f"  - {item}" for item in traffic)
    text = _TWO_NODES.format(**{**values, **changes}, traffic=items, A_MAC=A_MAC, B_MAC=B_MAC)
    return load_text(text, Path("two-nodes.yaml"))


def big(size: int, *, of: str = "a1", df: bool = True, seq: int = 1) -> str:
    """A ping of ``size`` bytes of payload."""
    return (
        f"{{ping: 10.1.2.1, from: {of}, id: 1, seq: {seq}, ipid: {seq + 8},"
        f" size: {size}, df: {str(df).lower()}}}"
    )


def outer(inner: str, *, header: str = "0800000000000100", tos: int = 0) -> str:
    """A VXLAN packet made by hand, from node-a to node-b; ``inner`` is a Scapy expression."""
    raw = "".join(f"\\\\x{header[at : at + 2]}" for at in range(0, len(header), 2))
    raw = raw.replace("\\\\", "\\")
    return (
        f"""{{send: 'IP(dst="192.168.2.1", tos={tos})/UDP(sport=9999, dport=8472)"""
        f"""/Raw(b"{raw}"){inner}', from: node-a}}"""
    )


def frame(*, src: str = A_MAC, dst: str = B_MAC, tos: int = 0) -> str:
    """An echo request in a frame, as ``inner`` of ``outer``."""
    packet = f'IP(src="10.1.1.1", dst="10.1.2.1", tos={tos})/ICMP(id=3, seq=4)'
    return f'/Ether(src="{src}", dst="{dst}")/{packet}'


def played(spec: Spec) -> Lab:
    """The Lab of ``spec`` after its traffic."""
    lab = Lab(spec)
    lab.run()
    return lab


def drops(lab: Lab) -> list[tuple[str, str]]:
    """Node and reason of everything that died, but for ARP that asks others."""
    return [
        (hop.node, verdict.reason.name)
        for hop in lab.trace.hops
        for verdict in copies(hop.verdict)
        if isinstance(verdict, Dropped) and verdict.reason.name != "ARP_IGNORED"
    ]


def wires(lab: Lab, node: str, interface: str, direction: str) -> list[bytes]:
    """The IPv4 frames of one interface and direction, but for ARP."""
    return [
        tap.frame.wire
        for tap in lab.trace.taps
        if (tap.hop.node, tap.interface, tap.direction) == (node, interface, direction)
        and tap.frame.type == 0x0800
    ]


def frames(lab: Lab) -> dict[tuple[str, str], list[Captured]]:
    """What every interface saw, as the kernel's recordings have it."""
    seen: dict[tuple[str, str], list[Captured]] = {}
    for tap in lab.trace.taps:
        if tap.direction is not None:
            place = seen.setdefault((tap.hop.node, tap.interface), [])
            place.append(Captured(tap.time, tap.direction, tap.frame.wire))
    return seen
