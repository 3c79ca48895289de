"""This machine's kernel: the same network of namespaces, veth pairs and bridges, same rules.

Nothing is recorded; both sockets belong to one thread, so no scheduler takes part.
"""

from __future__ import annotations

import os
import platform
import shutil
import socket
import time

from bench.network import PORT, SERVER, SIZE, cross_node
from bench.row import Row, UndoneError, Unit
from pknet.kernel.build import built
from pknet.kernel.namespace import Namespace

PAYLOAD = bytes(SIZE)
TOOLS = {"ip": "iproute2", "iptables-restore": "iptables"}


def missing() -> str | None:
    """What namespaces need."""
    if platform.system() != "Linux" or os.geteuid() != 0:
        return "the kernel as a peer needs Linux and root"
    absent = [package for tool, package in TOOLS.items() if shutil.which(tool) is None]
    return f"apt install {' '.join(absent)}" if absent else None


def exchange(packets: int) -> float:
    """Packets a second."""
    with built(cross_node()) as nodes, _udp(nodes["a1"]) as client, _udp(nodes["b1"]) as server:
        server.bind(("", PORT))
        client.connect((str(SERVER), PORT))
        _once(client, server)  # neighbours learn one another
        start = time.perf_counter()
        for _ in range(packets):
            _once(client, server)
        return packets / (time.perf_counter() - start)


def _once(client: socket.socket, server: socket.socket) -> None:
    client.send(PAYLOAD)
    data, sender = server.recvfrom(SIZE)
    server.sendto(data, sender)
    if client.recv(SIZE) != PAYLOAD:
        raise UndoneError("the kernel's answer is another one")


def _udp(namespace: Namespace) -> socket.socket:
    with namespace.entered():
        return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


ROWS = (
    Row("kernel", "Linux itself, nothing recorded", Unit.RATE, 20_000, 10, exchange, missing, True),
)
