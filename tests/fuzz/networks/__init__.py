"""Shapes of networks. A new one is a new file with ``build``, and its line here."""

from fuzz.networks import chain, diamond, lan, nodes, pair, router, twins

SHAPES = (
    pair.build, lan.build, router.build, chain.build, diamond.build, nodes.build, nodes.build,
    twins.build,
)  # fmt: skip

__all__ = ["SHAPES"]
