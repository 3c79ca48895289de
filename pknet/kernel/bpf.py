"""As much of bpf(2) as it takes to hang one small program on a tracepoint.

Instruction encoding: Documentation/bpf/standardization/instruction-set.rst.
Law: the program goes when its descriptor is closed, at the latest with the process.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct

from pknet.kernel.errors import KernelUnavailableError

# include/uapi/linux/bpf.h
MAP_CREATE, PROG_LOAD, RAW_TRACEPOINT_OPEN = 0, 5, 17
MAP_TYPE_RINGBUF = 27
PROG_TYPE_RAW_TRACEPOINT = 17
PSEUDO_MAP_FD = 1
PROBE_READ_KERNEL, RINGBUF_OUTPUT = 113, 130

R0, R1, R2, R3, R4, R7, R8, R9, FRAME = 0, 1, 2, 3, 4, 7, 8, 9, 10
_SYSCALL = {"x86_64": 321, "aarch64": 280, "riscv64": 280}


def instruction(code: int, target: int, source: int = 0, offset: int = 0, value: int = 0) -> bytes:
    """struct bpf_insn."""
    return struct.pack("=BBhi", code, source << 4 | target, offset, value)


def move(target: int, source: int) -> bytes:
    """``target = source``, both registers."""
    return instruction(0xBF, target, source)


def constant(target: int, value: int) -> bytes:
    """``target = value``."""
    return instruction(0xB7, target, value=value)


def add(target: int, value: int) -> bytes:
    """``target += value``."""
    return instruction(0x07, target, value=value)


def mask(target: int, value: int) -> bytes:
    """``target &= value``, whose sign is extended to 64 bits."""
    return instruction(0x57, target, value=value)


def load(target: int, source: int, offset: int) -> bytes:
    """``target = *(u64 *)(source + offset)``."""
    return instruction(0x79, target, source, offset)


def store(target: int, offset: int, source: int) -> bytes:
    """``*(u64 *)(target + offset) = source``."""
    return instruction(0x7B, target, source, offset)


def map_descriptor(target: int, descriptor: int) -> bytes:
    """``target =`` the map; two instructions long."""
    return instruction(0x18, target, PSEUDO_MAP_FD, value=descriptor) + bytes(8)


def call(helper: int) -> bytes:
    """``r0 = helper(r1, ..., r5)``; those five are lost."""
    return instruction(0x85, 0, value=helper)


def read_kernel(place: int, size: int, source: int, offset: int) -> bytes:
    """``size`` bytes from ``source + offset`` to ``FRAME + place``; zeros where that faults."""
    return b"".join(
        [
            move(R1, FRAME), add(R1, place), constant(R2, size),
            move(R3, source), add(R3, offset), call(PROBE_READ_KERNEL),
        ]
    )  # fmt: skip


def skip_unless_zero(register: int, program: bytes) -> bytes:
    """``if (register == 0) { program }``."""
    return instruction(0x55, register, offset=len(program) // 8) + program


def leave() -> bytes:
    """``return 0``."""
    return constant(R0, 0) + instruction(0x95, 0)


def ring_buffer(size: int) -> int:
    """A descriptor of a new ring buffer of ``size`` bytes, a power of two."""
    return _bpf(MAP_CREATE, struct.pack("=IIII", MAP_TYPE_RINGBUF, 0, 0, size))


def on_tracepoint(name: str, program: bytes) -> int:
    """Run ``program`` at each hit; until the descriptor that comes back is closed."""
    # Helpers that read the kernel's memory are for GPL programs, which this one is.
    text, licence = ctypes.create_string_buffer(program), ctypes.create_string_buffer(b"GPL")
    point = ctypes.create_string_buffer(name.encode())
    loaded = _bpf(
        PROG_LOAD,
        struct.pack(
            "=IIQQ", PROG_TYPE_RAW_TRACEPOINT, len(program) // 8,
            ctypes.addressof(text), ctypes.addressof(licence),
        ),
    )  # fmt: skip
    try:
        return _bpf(RAW_TRACEPOINT_OPEN, struct.pack("=QII", ctypes.addressof(point), loaded, 0))
    finally:
        os.close(loaded)


def _bpf(command: int, attributes: bytes) -> int:
    """Raises KernelUnavailableError where the kernel does not have it, or does not allow it."""
    number = _SYSCALL.get(platform.machine())
    if number is None:
        raise KernelUnavailableError(f"bpf(2) is not known for {platform.machine()}")
    libc = ctypes.CDLL(None, use_errno=True)
    padded = ctypes.create_string_buffer(attributes, 128)
    descriptor: int = libc.syscall(number, command, padded, len(padded))
    if descriptor < 0:
        raise KernelUnavailableError(f"bpf({command}): {os.strerror(ctypes.get_errno())}")
    return descriptor
