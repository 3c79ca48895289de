"""Network address translation."""

from pknet.netns.nat.nat import Binding, Nat

__all__ = ["Binding", "Nat"]
