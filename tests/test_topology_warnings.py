"""What Linux allows and is seldom meant is a warning, and no fault."""

from __future__ import annotations

from topology_samples import read

MAC = '"ee:ee:ee:ee:ee:ee"'


def test_an_address_twice_in_one_namespace() -> None:
    text = """
name: t
nodes:
  A: {interfaces: {e0: {addresses: [10.0.0.1/24]}, e1: {addresses: [10.0.0.1/16]}}}
  B: {interfaces: {e0: {addresses: [10.0.0.1/24]}}}
links: [[A:e0, B:e0], [A:e1, B:e1]]
"""
    assert read(text).warnings == ("A: 10.0.0.1 is on e0 and on e1",)


def test_a_mac_twice_on_one_segment_across_a_switch() -> None:
    text = f"""
name: t
nodes:
  A: {{interfaces: {{e0: {{mac: {MAC}}}}}}}
  SW: {{kind: switch}}
  B: {{interfaces: {{e0: {{mac: {MAC}}}}}}}
links: [[A:e0, SW:p1], [SW:p2, B:e0]]
"""
    assert read(text).warnings == (
        "A:e0 and B:e0 are on one segment and both have MAC ee:ee:ee:ee:ee:ee",
    )


def test_a_mac_twice_on_two_segments_as_calico_has_it() -> None:
    text = f"""
name: t
nodes:
  A: {{interfaces: {{c1: {{mac: {MAC}}}, c2: {{mac: {MAC}}}}}}}
  P: {{}}
  Q: {{}}
links: [[P:eth0, A:c1], [Q:eth0, A:c2]]
"""
    assert read(text).warnings == ()


def test_a_bridge_with_the_mac_of_its_port() -> None:
    text = f"""
name: t
nodes:
  A: {{bridges: {{br0: {{mac: {MAC}}}}}, interfaces: {{v: {{mac: {MAC}, master: br0}}}}}}
  P: {{}}
links: [[P:eth0, A:v]]
"""
    assert read(text).warnings == ()


def test_network_and_broadcast_addresses_are_linux() -> None:
    text = "name: t\nnodes: {A: {bridges: {b: {addresses: [10.0.0.0/24, 10.0.1.255/24]}}}}\n"
    assert read(text).warnings == ()
