"""The kernel settings of one namespace.

Law: a value is what ``sysctl`` would print there: what was set, or what the device took over
from ``default`` when it was made, or the table's default.
"""

from __future__ import annotations

from collections.abc import Iterable

from pknet.netns.sysctl_setting import Combine, Value
from pknet.netns.sysctl_table import CONF, device_of, escaped, setting_of

_FORWARD_ALL = ("net.ipv4.ip_forward", "net.ipv4.conf.all.forwarding")
_FORWARD_DEFAULT = "net.ipv4.conf.default.forwarding"


class Sysctls:
    """The settings of one namespace, by canonical name (sysctl_table.canonical)."""

    def __init__(self) -> None:
        self._values: dict[str, Value] = {}
        #: What was asked before, by name, and by device and name: each packet asks many times.
        self._known: dict[str, int] = {}
        self._counting: dict[tuple[str, str], int] = {}

    @classmethod
    def of(cls, settings: Iterable[tuple[str, Value]], forwarding: bool = False) -> Sysctls:
        """As a topology gives them; of two for one name the later wins (sysctl.d order).

        What names a device comes last, since the device comes last: that is why
        ``ip_forward: 1`` does not undo ``conf.eth0.forwarding: 0``.
        """
        made = cls()
        made.set("net.ipv4.ip_forward", int(forwarding))
        for name, value in sorted(settings, key=lambda setting: device_of(setting[0]) is not None):
            made.set(name, value)
        return made

    def set(self, name: str, value: Value) -> None:
        """``sysctl -w``. Raises KeyError for a name that is not modelled."""
        if setting_of(name) is None:
            raise KeyError(name)
        if name in _FORWARD_ALL and value != self.get(name):
            self._forward_everywhere(value)
        self._values[name] = value
        self._known.clear()
        self._counting.clear()

    def _forward_everywhere(self, value: Value) -> None:
        """Both names, and every device at once; a router hears no redirects.

        Linux: inet_forward_change, on a change alone.
        """
        self._values["net.ipv4.conf.all.accept_redirects"] = int(not value)
        for name in [name for name in self._values if name.endswith(".forwarding")]:
            del self._values[name]
        for name in (*_FORWARD_ALL, _FORWARD_DEFAULT):
            self._values[name] = value

    def get(self, name: str) -> Value:
        """The value, or the default. Raises KeyError for a name that is not modelled."""
        if name in self._values:
            return self._values[name]
        setting = setting_of(name)
        if setting is None:
            raise KeyError(name)
        if ".conf." in name and device_of(name) is not None:  # Linux: inetdev_init
            return self.get(f"net.ipv4.conf.default.{name.rpartition('.')[2]}")
        return setting.default

    def integer(self, name: str) -> int:
        """A value that is one number."""
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = int(self.get(name))
        return known

    def integers(self, name: str) -> tuple[int, ...]:
        """A value of several numbers, such as net.ipv4.tcp_rmem."""
        return tuple(int(word) for word in str(self.get(name)).split())

    def device(self, dev: str, name: str) -> bool:
        """Whether ``name`` holds for ``dev``."""
        return bool(self.device_max(dev, name))

    def device_max(self, dev: str, name: str) -> int:
        """The value of ``name`` that counts for ``dev``, ``all`` taken in as the kernel does."""
        known = self._counting.get((dev, name))
        if known is None:
            known = self._counting[dev, name] = self._combined(dev, name)
        return known

    def _combined(self, dev: str, name: str) -> int:
        own = self.integer(f"net.ipv4.conf.{escaped(dev)}.{name}")
        combine = CONF[name].combine
        if combine is Combine.OWN:
            return own
        everywhere = self.integer(f"net.ipv4.conf.all.{name}")
        return min(everywhere, own) if combine is Combine.AND else max(everywhere, own)

    def accepts_redirects(self, dev: str) -> bool:
        """Whether what ``dev`` hears of shorter ways counts (Linux: IN_DEV_RX_REDIRECTS)."""
        everywhere = self.integer("net.ipv4.conf.all.accept_redirects")
        own = self.integer(f"net.ipv4.conf.{escaped(dev)}.accept_redirects")
        if self.device(dev, "forwarding"):
            return bool(everywhere and own)
        return bool(everywhere or own)

    def neigh(self, dev: str, name: str) -> int:
        """Of the neighbours on ``dev``."""
        return self.integer(f"net.ipv4.neigh.{escaped(dev)}.{name}")
