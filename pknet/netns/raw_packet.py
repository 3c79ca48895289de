"""A packet as a raw socket takes it, with a header of its own (IP_HDRINCL; raw_send_hdrinc).

Law: length and checksum are always rewritten, a zero id (unless DF is set) and a zero source
filled in; with the source, TCP's and UDP's checksums are put right, as if the packet had been
built with it.
"""

from __future__ import annotations

from collections.abc import Callable

from pknet.netns.route import Path
from pknet.wire import ipv4
from pknet.wire.ipv4 import Ipv4
from pknet.wire.rewrite import rewrite


def header_of(data: bytes) -> Ipv4:
    """The header that was given.

    Raises ValueError for another version of IP, which Linux would send and nobody would take in.
    """
    header = Ipv4.parse(data)
    version = header.version_ihl >> 4
    if version != 4:
        raise ValueError(f"IP version {version} is not modelled: only a frame may hold it")
    return header


def completed(data: bytes, header: Ipv4, path: Path, next_ident: Callable[[], int]) -> bytes:
    """``data``, which begins with ``header``, as it leaves by ``path``.

    Raises ValueError("EMSGSIZE…") or ("EINVAL…").
    """
    if len(data) > path.dev.mtu:
        text = f"EMSGSIZE: {len(data)} bytes, and the MTU of {path.dev.name} is {path.dev.mtu}"
        raise ValueError(f"{text}; a raw socket cuts nothing, so send less, or fragments")
    if not ipv4.MIN_HEADER <= header.header_length <= len(data):
        raise ValueError("EINVAL: the header's length is wrong")
    if not header.src:
        data = rewrite(data, src=path.source)
    # Nothing that is never cut needs an id (ip_select_ident_segs).
    ident = header.id or (0 if header.df else next_ident())
    whole = header._replace(length=len(data), src=header.src or path.source, id=ident)
    size = header.header_length
    return whole.emit(data[20:size]) + data[size:]
