"""TCP's options as they stand in the header (RFC 9293, section 3.2).

Law: what comes after the first option that makes no sense is not read (tcp_parse_options).
"""

from __future__ import annotations

from collections.abc import Iterator

MAX_SCALE = 14  # RFC 7323, section 2.3
EOL, NOP, MSS, SCALE, SACK_PERMITTED, SACK = range(6)


def walk(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each option's kind and body; ends at the first that is cut short."""
    at = 0
    while at < len(data) and data[at] != EOL:
        if data[at] == NOP:
            at += 1
            continue
        size = data[at + 1] if at + 1 < len(data) else 0
        if size < 2 or at + size > len(data):
            return
        yield data[at], data[at + 2 : at + size]
        at += size
