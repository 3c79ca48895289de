"""Which devices are on one segment: union-find.

Law: what was joined once stays joined, whatever joins it again.
"""

from __future__ import annotations

Device = tuple[str, str]  # node, interface or bridge


class Segments:
    """Devices that were joined, directly or by way of others."""

    def __init__(self) -> None:
        self._up: dict[Device, Device] = {}

    def of(self, device: Device) -> Device:
        """The device that stands for the segment."""
        while (above := self._up.get(device, device)) != device:
            self._up[device] = self._up.get(above, above)
            device = above
        return device

    def join(self, one: Device, other: Device) -> bool:
        """The two are on one segment; False: they were before."""
        one, other = self.of(one), self.of(other)
        self._up[one] = other
        return one != other
