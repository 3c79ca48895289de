"""Whatever rules are written, pknet prints them as the real iptables-save prints them."""

from __future__ import annotations

import shutil

import pytest
from hypothesis import given, settings
from kernel_backend import needs_kernel
from netfilter_kernel import KernelRules
from netfilter_texts import SETS, texts

from pknet.netns.netfilter import parse

pytestmark = [
    *needs_kernel,
    pytest.mark.skipif(shutil.which("iptables-nft") is None, reason="needs iptables and ipset"),
]


@pytest.mark.parametrize("backend", ["nft", "legacy"])
def test_any_rules_are_printed_as_iptables_save_prints_them(backend: str) -> None:
    kernel = KernelRules(backend)

    @settings(max_examples=60)
    @given(texts())
    def same(text: str) -> None:
        assert kernel.restore(text) == ""
        ours = parse(text, SETS)
        theirs = kernel.save(*ours.tables)
        for table, lines in printed(ours.save()).items():
            assert lines == theirs[table]

    try:
        kernel.sets(SETS)
        same()
    finally:
        kernel.close()


def printed(text: str) -> dict[str, list[str]]:
    """The lines of each table."""
    parts = [part.strip().splitlines() for part in text.split("COMMIT\n") if part.strip()]
    return {part[0][1:]: [*part, "COMMIT"] for part in parts}
