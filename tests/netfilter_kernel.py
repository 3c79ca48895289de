"""A namespace of the real kernel, for rules to be loaded, printed and walked in.

Packets leave by a raw socket through OUTPUT, and die as they come back over lo.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess

from pknet.kernel.namespace import Namespace
from pknet.wire.address import ip_text
from pknet.wire.ipv4 import Ipv4


class KernelRules:
    """One backend's iptables, in a namespace of its own; 10.0.0.1 is on lo."""

    def __init__(self, backend: str, family: int = 4) -> None:
        self._space = Namespace("rules")
        self._program = f"ip{'6' if family == 6 else ''}tables-{backend}"
        self._run("ip", "link", "set", "lo", "up")
        if family == 4:
            self._run("ip", "addr", "add", "10.0.0.1", "dev", "lo")
            route = "broadcast 10.0.0.255 dev lo table local"
            self._run("ip", "route", "add", *route.split())
            self._run("ip", "route", "add", "default", "dev", "lo")

    def _run(self, *words: str, text: str = "") -> subprocess.CompletedProcess[str]:
        with self._space.entered():
            return subprocess.run(words, input=text, capture_output=True, text=True, check=False)

    def restore(self, text: str) -> str:
        """What iptables-restore complains of; empty: it took the text."""
        done = self._run(f"{self._program}-restore", "--counters", text=text)
        return (done.stderr.strip() or str(done.returncode)) if done.returncode else ""

    def sets(self, text: str) -> None:
        """``ipset restore``."""
        done = self._run("ipset", "restore", text=text)
        assert not done.returncode, done.stderr

    def save(self, *tables: str, counters: bool = False) -> dict[str, list[str]]:
        """The lines of each table, without its comments."""
        found: dict[str, list[str]] = {}
        for table in tables:
            flags = ["-c"] if counters else []
            done = self._run(f"{self._program}-save", "-t", table, *flags)
            lines = [line for line in done.stdout.splitlines() if not line.startswith("#")]
            found[table] = lines
        return found

    def send(self, *packets: bytes) -> None:
        """Each out of a raw socket, to die in raw PREROUTING; one that a rule drops is no error."""
        assert not self.restore("*raw\n:PREROUTING DROP [0:0]\nCOMMIT\n")
        with self._space.entered():
            raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        with raw:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            for data in packets:
                with contextlib.suppress(PermissionError):
                    raw.sendto(data, (ip_text(Ipv4.parse(data).dst), 0))

    def close(self) -> None:
        """The namespace goes with its last descriptor."""
        self._space.close()
