"""One kernel setting: its default, what is allowed, and what a text makes of it.

Law: a value whose effect is not modelled is refused, and the refusal says what is allowed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

INT_MAX = 2**31 - 1
Value = int | str


class Combine(Enum):
    """How ``all`` and the device's own value make one (include/linux/inetdevice.h)."""

    OWN = "the device's own value"  # IN_DEV_CONF_GET
    OR = "either"  # IN_DEV_ORCONF
    AND = "both"  # IN_DEV_ANDCONF
    MAX = "the larger"  # IN_DEV_MAXCONF


@dataclass(frozen=True, slots=True)
class Setting:
    """One name. A default of several numbers is a text; ``low`` and ``high`` bound each of them.

    Where they are the same, nothing but the default is modelled.
    ``quiet``: the default here differs from Linux's, or pins what varies between machines.
    ``inert``: why no packet here depends on it; "" where one does, or where one value is allowed.
    """

    default: Value
    low: int = 0
    high: int = 1
    quiet: bool = False
    inert: str = ""

    @property
    def fixed(self) -> bool:
        """True where nothing but the default is allowed."""
        return self.low == self.high

    def parse(self, text: str) -> Value:
        """``text`` as a value. Raises ValueError: what is wrong, what is allowed."""
        words = text.split()
        if not _is_number(str(self.default).split()[0]):  # a name, such as reno
            if text != self.default:
                raise ValueError(f"{text!r} is not modelled; allowed: {self.allowed}")
            return text
        count = len(str(self.default).split())
        if len(words) != count or not all(_is_number(word) for word in words):
            raise ValueError(f"{text!r} is not {_count(count)}; allowed: {self.allowed}")
        numbers = [int(word) for word in words]
        value = numbers[0] if isinstance(self.default, int) else " ".join(map(str, numbers))
        if not self._allows(numbers) and value != self.default:
            raise ValueError(f"{value} is out of range; allowed: {self.allowed}")
        return value

    def _allows(self, numbers: list[int]) -> bool:
        in_range = all(self.low <= number <= self.high for number in numbers)
        return in_range and not self.fixed

    @property
    def allowed(self) -> str:
        """``0 to 2``; ``0 (nothing else is modelled)``; ``3 numbers, 1 to 65535``."""
        if self.fixed:
            return f"{self.default} (nothing else is modelled)"
        numbers = f"{len(self.default.split())} numbers, " if isinstance(self.default, str) else ""
        return f"{numbers}{self.low} to {self.high}"


@dataclass(frozen=True, slots=True)
class DeviceSetting(Setting):
    """One name under net.ipv4.conf.<device>."""

    combine: Combine = Combine.OWN


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdecimal() and len(word) <= len(str(INT_MAX))


def _count(numbers: int) -> str:
    return "a number" if numbers == 1 else f"{numbers} numbers"
