"""A Spec as network namespaces, veth pairs and bridges of this machine's kernel.

    namespaces, sysctls -> devices, tunnels -> setup, offloads, ipset, iptables -> wait until UP

Law: nothing outside namespaces of our own is touched. Every device is created inside one, and the
programs that configure it (ip, ipset, iptables-restore) are started inside it.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from pknet.kernel import commands, device, sysctl
from pknet.kernel.errors import KernelError, KernelUnavailableError
from pknet.kernel.namespace import Namespace
from pknet.topology.spec import NodeSpec, Spec

IPTABLES = "iptables-restore"  # of nf_tables or ip_tables, as the machine has chosen


def require(spec: Spec, iptables: str = IPTABLES) -> None:
    """Raises KernelUnavailableError, naming everything that is missing for this topology."""
    if platform.system() != "Linux":
        raise KernelUnavailableError(f"the judge is the Linux kernel; this is {platform.system()}")
    wanted = {"ip": "iproute2"}
    if any(node.iptables for node in spec.nodes):
        wanted[iptables] = "iptables"
    if any(node.ipset for node in spec.nodes):
        wanted["ipset"] = "ipset"
    missing = [
        f"{tool} (install {package})"
        for tool, package in wanted.items()
        if shutil.which(tool) is None
    ]
    if os.geteuid() != 0:
        missing.insert(0, "root (run it with sudo)")
    if missing:
        raise KernelUnavailableError("the kernel backend lacks " + ", ".join(missing))


@contextmanager
def built(spec: Spec, iptables: str = IPTABLES) -> Iterator[dict[str, Namespace]]:
    """The running network, by node; gone when the block ends, however it ends.

    Raises KernelUnavailableError, KernelUnsupportedError, or KernelError with what was refused.
    """
    require(spec, iptables)
    with ExitStack() as stack:
        namespaces = {}
        for node in spec.nodes:
            namespaces[node.name] = namespace = Namespace(node.name)
            stack.callback(namespace.close)
            with namespace.entered():
                sysctl.write(node.name, sysctl.before_devices(node))
        paths = {name: namespace.path for name, namespace in namespaces.items()}
        if spec.nodes:
            first = namespaces[spec.nodes[0].name]
            _run(first, ["ip", "-batch", "-"], "\n".join(commands.links_of(spec, paths)))
        for node in spec.nodes:
            _set_up(node, namespaces[node.name], iptables)
        for node in spec.nodes:
            with namespaces[node.name].entered():
                device.wait_running(node.name, _expected_to_run(spec, node))
        yield namespaces


def _set_up(node: NodeSpec, namespace: Namespace, iptables: str) -> None:
    names = ["lo", *(each.name for each in node.devices)]
    if node.tunnels:
        _add_tunnels(node, namespace)
    with namespace.entered():
        device.offloads_off(names)
        sysctl.write(node.name, sysctl.after_devices(node))
    _run(namespace, ["ip", "-batch", "-"], "\n".join(commands.setup_of(node)))
    if node.ipset:
        _run(namespace, ["ipset", "restore"], node.ipset)
    if node.iptables:
        _run(namespace, [iptables], node.iptables)


def _add_tunnels(node: NodeSpec, namespace: Namespace) -> None:
    """Raises KernelUnavailableError where this kernel has no such devices."""
    try:
        _run(namespace, ["ip", "-batch", "-"], "\n".join(commands.tunnels_of(node)))
    except KernelError as error:
        if "Unknown device type" not in str(error):
            raise
        kinds = " and ".join(sorted({each.text.split()[0] for each in node.tunnels}))
        text = f"this kernel is no judge here: it lacks devices of type {kinds} ({error})"
        raise KernelUnavailableError(text) from None
    if node.fdb:
        _run(namespace, ["bridge", "-batch", "-"], "\n".join(commands.fdb_of(node)))


def _run(namespace: Namespace, command: list[str], text: str) -> None:
    """Start ``command`` inside, with ``text`` as its input. Raises KernelError where it fails."""
    if not text.endswith("\n"):
        text += "\n"
    with namespace.entered():
        done = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().removeprefix(f"{command[0]}: ")
        raise KernelError(f"{namespace.node}: {command[0]}: {said}{_line_of(said, text)}")


def _line_of(said: str, text: str) -> str:
    """``ip -batch`` ends its complaint with ``Command failed -:3``: quote that line."""
    number = said.rpartition("-:")[2]
    if not number.isdigit():
        return ""
    return f": {text.splitlines()[int(number) - 1]}"


def _expected_to_run(spec: Spec, node: NodeSpec) -> list[str]:
    """An end runs where both ends are up; a bridge, where one of its ports does."""
    up = {
        (each.name, interface.name): interface.up
        for each in spec.nodes
        for interface in each.interfaces
    }
    running = {
        name
        for link in spec.links
        if up[link.a] and up[link.b]
        for owner, name in (link.a, link.b)
        if owner == node.name
    }
    carried = {port.master for port in node.interfaces if port.name in running}
    bridges = [bridge.name for bridge in node.bridges if bridge.up and bridge.name in carried]
    return sorted(running) + bridges + [tunnel.name for tunnel in node.tunnels if tunnel.up]
