"""What iproute2 does not do for a device: offloads off, and waiting until it really carries.

A fresh device drops silently until the kernel's link watch has run (net/core/link_watch.c), so
nothing is sent before every device that can run says so.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import socket
import struct
import time
from collections.abc import Iterable

from pknet.kernel.errors import KernelError

SIOCGIFFLAGS = 0x8913  # include/uapi/linux/sockios.h
SIOCETHTOOL = 0x8946
IFF_RUNNING = 0x40  # netif_oper_up: operstate UP or UNKNOWN
#: ETHTOOL_SRXCSUM, STXCSUM, SSG, STSO, SGSO, SGRO (include/uapi/linux/ethtool.h): with any of
#: them on, a tap shows packets that no wire would carry.
OFFLOADS = (0x15, 0x17, 0x19, 0x1F, 0x24, 0x2C)
READY_WITHIN = 2.0  # seconds; link watch takes at most one


def offloads_off(names: Iterable[str]) -> None:
    """As ``ethtool -K NAME tx off tso off gso off gro off``. Raises KernelError."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for name in names:
            for offload in OFFLOADS:
                _ethtool(control, name, offload)


def wait_running(node: str, names: Iterable[str]) -> None:
    """Until each has IFF_RUNNING. Raises KernelError for one that never has."""
    deadline = time.monotonic() + READY_WITHIN
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for name in names:
            while not _flags(control, name) & IFF_RUNNING:
                if time.monotonic() > deadline:
                    raise KernelError(f"{node}:{name} does not come up: its operstate is not UP")
                time.sleep(0.001)


def _ethtool(control: socket.socket, name: str, command: int) -> None:
    """Set one offload to 0. A device that has no such switch keeps what it has."""
    value = ctypes.create_string_buffer(struct.pack("=II", command, 0), 8)
    request = struct.pack("16sP", name.encode(), ctypes.addressof(value))
    try:
        fcntl.ioctl(control, SIOCETHTOOL, request)
    except OSError as error:
        if error.errno != errno.EOPNOTSUPP:
            raise KernelError(f"{name}: offload {command:#x}: {error.strerror}") from error


def _flags(control: socket.socket, name: str) -> int:
    answer = fcntl.ioctl(control, SIOCGIFFLAGS, struct.pack("16sH14x", name.encode(), 0))
    flags: int = struct.unpack_from("16xH", answer)[0]
    return flags
