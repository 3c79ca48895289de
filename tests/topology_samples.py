"""Topologies as text, for the tests of the loader."""

from __future__ import annotations

from pathlib import Path

from pknet.topology import Spec, TopologyError, load_text

DATA = Path(__file__).parent / "data"
SHIPPED = Path(__file__).parent.parent / "topologies"

#: Every key there is, but for `send`.
FULL = """\
name: full
seed: 7
nodes:
  A:
    kind: linux
    forwarding: true
    bridges:
      br0: {addresses: [10.1.1.254/24], mac: "02:00:00:00:01:04", mtu: 1400, up: true}
    interfaces:
      eth0: {addresses: [192.168.0.1/24], mac: "02:00:00:00:01:03", mtu: 1450, up: true}
      vA1: {master: br0, hairpin: true}
    tunnels:
      vx:
        type: vxlan id 1 dev eth0
        addresses: [10.9.0.1/32]
        mac: "02:00:00:00:01:05"
        mtu: 1400
        up: true
    fdb: ["02:00:00:00:02:05 dev vx dst 192.168.0.2 port 4789 vni 7 self permanent"]
    routes:
      - 10.1.2.0/24 via 192.168.0.2
      - default via 192.168.0.254
      - unreachable 10.0.0.0/8
    neighbours: {192.168.0.2: {mac: "02:00:00:00:02:03", dev: eth0}}
    sysctls: {net.bridge.bridge-nf-call-iptables: 1, net/ipv4/conf/eth0/rp_filter: 2}
    iptables: |
      *filter
      -A FORWARD -s 10.1.1.1/32 -j ACCEPT
      COMMIT
    ipset: |
      create pods hash:ip family inet
      add pods 10.1.1.1
    listen:
      - {tcp: 8080, reply: pong, read: 5000}
      - {udp: 5353, reply: {hex: a5a5}}
  A1:
    interfaces: {eth0: {addresses: [10.1.1.1/24]}}
    routes: [default via 10.1.1.254]
  SW: {kind: switch}
  R: {kind: router}
links:
  - [A1:eth0, A:vA1]
  - {endpoints: [A:eth0, SW:p1], type: cable, delay: 50us, loss: 0.1%, rate: 1gbit, up: false}
  - {endpoints: [R:eth0, SW:p2], type: veth}
traffic:
  - {ping: 10.1.2.1, from: A1, id: 2, seq: 3, ttl: 5, size: 8, df: false, ipid: 9, timeout: 1s}
  - {tcp: "172.30.0.1:80", from: A1, sport: 40000, payload: ping, timeout: 600ms}
  - {udp: "10.1.2.1:5000", from: A1, sport: 40001, payload: hello, ttl: 3, df: false, timeout: 1s}
  - {wait: 200ms, at: 5s, name: rest}
  - {ping: 10.1.2.1, from: A1, expect: {delivered: A, reply: echo-reply}}
  - {ping: 10.1.2.1, from: A1, expect: {dropped: R, reason: IP_INNOROUTES}}
  - {ping: 10.1.2.1, from: A1, expect: {reply: {icmp: [3, 0], from: 192.168.1.254}}}
  - {tcp: "10.1.2.1:80", from: A1, expect: {connected: true, received: pong}}
  - {tcp: "10.1.2.1:80", from: A1, payload: {bytes: 5kB}, expect: {received: {bytes: 5000}}}
  - {ping: 10.1.2.1, from: A1, count: 5, interval: 10ms, expect: {answered: 5, lost: 0}}
  - {udp: "10.1.2.1:53", from: A1, count: 99, rate: 50000/s, sport: new, expect: {lost: 0}}
  - {pingall: [A, A1], timeout: 1s, expect: {lost: 0}}
matrix:
  from: [A1]
  to:
    - {tcp: "172.30.0.1:80", name: web}
    - {udp: "172.30.0.10:53"}
    - {ping: 10.1.1.254}
  unreached:
    - {from: A1, to: web}
    - {to: ping 10.1.1.254}
"""


def read(text: str) -> Spec:
    """``text`` as a Spec."""
    return load_text(text, Path("test.yaml"))


def faults(text: str) -> list[str]:
    """What is wrong with ``text``, a line for each fault, without the file's name."""
    try:
        read(text)
    except TopologyError as error:
        return [str(fault).removeprefix("test.yaml:") for fault in error.faults]
    return []


def one_node(body: str) -> str:
    """Node A with ``body`` in flow style, linked to B by eth0 and eth1."""
    links = "links: [[A:eth0, B:eth0], [A:eth1, B:eth1]]"
    return f"name: t\nnodes:\n  A: {{{body}}}\n  B: {{}}\n{links}\n"


def items(*lines: str) -> str:
    """Nodes A and B on one link, and these traffic items."""
    network = "name: t\nnodes: {A: {}, B: {}}\nlinks: [[A:eth0, B:eth0]]\ntraffic:\n"
    return network + "".join(f"  - {line}\n" for line in lines)


def good_files() -> list[Path]:
    """The recorded scenarios' topologies, and those that are shipped."""
    return sorted([*DATA.glob("kernel/*/topology.yaml"), *SHIPPED.glob("*.yaml")])
