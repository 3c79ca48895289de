"""No two captures share a file: names differ on any file system, also where case is nothing."""

from __future__ import annotations

from pknet.topology.raw import Raw, RawNode

MAX_NODES = 65535  # NH:NL of a default MAC
MAX_DEVICES = 65535  # of a node: HI and II of a default MAC


def check_files(raw: Raw) -> None:
    """``<node>-<interface>.pcap`` is one interface's, and the counts fit default MACs."""
    seen: dict[str, str] = {}
    lower: dict[str, str] = {}
    for count, node in enumerate(raw.nodes.values(), 1):
        if count > MAX_NODES:
            node.value.fault_key(f"too many nodes; allowed: at most {MAX_NODES}")
            return
        other = lower.setdefault(node.name.lower(), node.name)
        if other != node.name:
            node.value.fault_key(f"{node.name} and {other} differ only in case; rename one")
        else:
            _captures(node, seen)


def _captures(node: RawNode, seen: dict[str, str]) -> None:
    if len(node.devices) > MAX_DEVICES:
        node.value.fault_key(f"too many interfaces; allowed: at most {MAX_DEVICES}")
    for device in node.devices:
        own = f"{node.name}:{device}"
        other = seen.setdefault(f"{node.name}-{device}".lower(), own)
        if other != own:
            file = f"{node.name}-{device}.pcap"
            node.value.fault_key(f"{own} and {other} would both be captured in {file}; rename one")
