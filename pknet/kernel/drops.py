"""Why the kernel dropped packets, in the run's own namespaces (tracepoint skb:kfree_skb).

The tracepoint is hit for the whole machine and says neither device nor namespace. A small BPF
program follows ``skb->dev`` to its namespace, or, for what has no device yet or (in TCP) no
longer, ``skb->sk``, or the socket that was to receive it, which Linux 6.11 and later tell, or
(a reset that no socket sends) its route:

    dev = skb->dev;  net = dev->nd_net.net   or   net = sk->__sk_common.skc_net.net
    or   dev = dst->dev
    record { net->ns.inum, dev->name, location, reason }

Law: it only reads. Drops of others on the same machine are thrown away by namespace number.
"""

from __future__ import annotations

import mmap
import os
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from pknet.kernel import bpf, btf, kallsyms
from pknet.kernel.bpf import FRAME, R1, R2, R3, R4, R7, R8, R9
from pknet.kernel.errors import KernelUnavailableError
from pknet.kernel.namespace import Namespace

_RECORD = struct.Struct("=II16sQQ")  # namespace, unused, device, location, reason
_AT = -56  # where the record is put together, on the program's stack
_NAMESPACE, _DEVICE, _LOCATION, _REASON = _AT, _AT + 8, _AT + 24, _AT + 32
_POINTER = -8
_NOT_REFERENCED = 1  # the lowest bit of skb->_skb_refdst (Linux: SKB_DST_NOREF)
_RING = 1 << 20  # bytes: some 20000 drops of the whole machine
_HEADER = struct.Struct("=II")  # of a record in the ring: length and two flags, page offset
_LENGTH = (1 << 30) - 1
_PREFIX = "SKB_DROP_REASON_"

#: A socket throws away what it still holds when it is closed: nothing that the network did.
_AFTER_DELIVERY = "QUEUE_PURGE"
#: An echo reply without a ping socket ends so, though a raw socket has long had its copy.
_ECHO_REPLY = ("ping_rcv", "NO_SOCKET")


class Drop(NamedTuple):
    """One packet freed as dropped; ``interface`` is empty where it had no device yet."""

    node: str
    interface: str
    reason: str  # Linux's name: IP_INNOROUTES
    function: str  # of the kernel: ip_error; empty where the kernel does not tell


class DropWatch:
    """Records every drop of the machine until it is closed."""

    def __init__(self) -> None:
        """Raises KernelUnavailableError where the kernel has no BTF, or no BPF."""
        types = btf.running_kernel()
        names = types.enumerators("skb_drop_reason")
        self._names = {value: name.removeprefix(_PREFIX) for value, name in names.items()}
        self._ring = bpf.ring_buffer(_RING)
        try:
            self._probe = bpf.on_tracepoint("kfree_skb", _program(types, self._ring))
        except BaseException:
            os.close(self._ring)
            raise

    def seen(self, namespaces: Iterable[Namespace]) -> list[Drop] | None:
        """Those in ``namespaces``, in order; None if this machine drops too many to record.

        Without packets that had been delivered before they were freed.
        """
        records = self._records()
        if records is None:
            return None
        nodes = {namespace.inode: namespace.node for namespace in namespaces}
        drops = [
            Drop(
                nodes[number],
                device.rstrip(b"\0").decode(),
                self._names.get(reason, str(reason)),
                kallsyms.function(location),
            )
            for number, _, device, location, reason in map(_RECORD.unpack, records)
            if number in nodes
        ]
        return [drop for drop in drops if not _is_delivered(drop)]

    def close(self) -> None:
        """Take the program off the tracepoint."""
        os.close(self._probe)
        os.close(self._ring)

    def _records(self) -> list[bytes] | None:
        """Documentation/bpf/ringbuf.rst: a page of the reader's, one of the writer's, the data."""
        page = mmap.PAGESIZE
        with mmap.mmap(self._ring, page + _RING, prot=mmap.PROT_READ, offset=page) as ring:
            written = struct.unpack_from("=Q", ring)[0]
            if written + _HEADER.size + _RECORD.size > _RING:
                return None
            records, at = [], page
            while at < page + written:
                length = _HEADER.unpack_from(ring, at)[0] & _LENGTH
                at += _HEADER.size
                records.append(ring[at : at + length])
                at += (length + 7) // 8 * 8
            return records


@contextmanager
def watching() -> Iterator[DropWatch | None]:
    """A watch, closed when the block ends; None where this kernel does not tell its drops."""
    try:
        watch = DropWatch()
    except KernelUnavailableError:
        yield None
        return
    try:
        yield watch
    finally:
        watch.close()


def _is_delivered(drop: Drop) -> bool:
    return drop.reason == _AFTER_DELIVERY or (drop.function, drop.reason) == _ECHO_REPLY


def _program(types: btf.Btf, ring: int) -> bytes:
    """BPF_PROG(drop, struct sk_buff *skb, void *location, enum reason, struct sock *rx_sk)."""
    net_of_device = types.offset("net_device", "nd_net", "net")
    net_of_socket = types.offset("sock", "__sk_common", "skc_net", "net")
    number = types.offset("net", "ns", "inum")
    receiver = bpf.load(R8, R9, 24) if types.arguments("btf_trace_kfree_skb") > 4 else b""
    by_socket = b"".join(
        [
            bpf.read_kernel(_POINTER, 8, R7, types.offset("sk_buff", "sk")),
            bpf.load(R8, FRAME, _POINTER),
            bpf.skip_unless_zero(R8, receiver),
            bpf.read_kernel(_POINTER, 8, R8, net_of_socket),
            bpf.load(R8, FRAME, _POINTER),
            bpf.read_kernel(_NAMESPACE, 4, R8, number),
            bpf.load(R1, FRAME, _NAMESPACE),
            bpf.skip_unless_zero(R1, _by_route(types)),
        ]
    )
    return b"".join(
        [
            bpf.move(R9, R1),
            bpf.load(R7, R9, 0),  # skb
            bpf.load(R1, R9, 8),
            bpf.store(FRAME, _LOCATION, R1),
            bpf.load(R1, R9, 16),
            bpf.store(FRAME, _REASON, R1),
            bpf.constant(R1, 0),
            bpf.store(FRAME, _NAMESPACE, R1),
            bpf.read_kernel(_POINTER, 8, R7, types.offset("sk_buff", "dev")),
            bpf.load(R8, FRAME, _POINTER),
            bpf.read_kernel(_DEVICE, 16, R8, types.offset("net_device", "name")),
            bpf.read_kernel(_POINTER, 8, R8, net_of_device),
            bpf.load(R8, FRAME, _POINTER),
            bpf.read_kernel(_NAMESPACE, 4, R8, number),
            bpf.load(R1, FRAME, _NAMESPACE),
            bpf.skip_unless_zero(R1, by_socket),
            bpf.map_descriptor(R1, ring),
            bpf.move(R2, FRAME),
            bpf.add(R2, _AT),
            bpf.constant(R3, _RECORD.size),
            bpf.constant(R4, 0),
            bpf.call(bpf.RINGBUF_OUTPUT),
            bpf.leave(),
        ]
    )


def _by_route(types: btf.Btf) -> bytes:
    """The namespace of the device that the packet's route leads out by."""
    return b"".join(
        [
            bpf.read_kernel(_POINTER, 8, R7, types.offset("sk_buff", "_skb_refdst")),
            bpf.load(R8, FRAME, _POINTER),
            bpf.mask(R8, ~_NOT_REFERENCED),
            bpf.read_kernel(_POINTER, 8, R8, types.offset("dst_entry", "dev")),
            bpf.load(R8, FRAME, _POINTER),
            bpf.read_kernel(_POINTER, 8, R8, types.offset("net_device", "nd_net", "net")),
            bpf.load(R8, FRAME, _POINTER),
            bpf.read_kernel(_NAMESPACE, 4, R8, types.offset("net", "ns", "inum")),
        ]
    )
