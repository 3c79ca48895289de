"""CRC-32C (Castagnoli), the checksum of SCTP (RFC 9260, appendix A)."""

from __future__ import annotations

_POLYNOMIAL = 0x82F63B78  # reflected


def _entry(byte: int) -> int:
    for _ in range(8):
        byte = (byte >> 1) ^ (_POLYNOMIAL if byte & 1 else 0)
    return byte


_TABLE = tuple(_entry(byte) for byte in range(256))


def crc32c(data: bytes) -> int:
    """The CRC of ``data``; SCTP writes it least significant byte first."""
    value = 0xFFFFFFFF
    for byte in data:
        value = (value >> 8) ^ _TABLE[(value ^ byte) & 0xFF]
    return value ^ 0xFFFFFFFF
