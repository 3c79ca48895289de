"""What kube-proxy and the CNI plugins wrote is read, and printed as iptables-save printed it."""

from __future__ import annotations

import netfilter_goldens
import pytest

from pknet.netns.netfilter import parse
from pknet.netns.netfilter.ruleset import ORDER


@pytest.mark.parametrize("name", netfilter_goldens.cases("kube-proxy"))
def test_what_kube_proxy_restores_is_printed_as_iptables_save_prints_it(name: str) -> None:
    for ours, theirs in netfilter_goldens.kube_proxy(netfilter_goldens.cases("kube-proxy")[name]):
        assert ours == theirs


@pytest.mark.parametrize("name", netfilter_goldens.cases("kube-proxy"))
def test_what_iptables_save_printed_reads_back_as_the_same(name: str) -> None:
    case = netfilter_goldens.cases("kube-proxy")[name]
    for sync in case["syncs"]:
        assert parse(sync["save"], family=case["family"]).save() == sync["save"]


@pytest.mark.parametrize("name", netfilter_goldens.cases("cni"))
def test_the_rules_of_a_host_with_cni_plugins_read_back_as_the_same(name: str) -> None:
    case = netfilter_goldens.cases("cni")[name]
    assert parse(case["save"], family=case["family"]).save() == case["save"]


def test_the_legacy_backend_prints_the_same_tables_in_its_own_order() -> None:
    case = netfilter_goldens.cases("kube-proxy")["08-nodeport-cluster"]
    rules = parse(case["syncs"][0]["save"])
    nft, legacy = (_sections(rules.save(backend)) for backend in ("nft", "legacy"))
    assert list(legacy) == [name for name in ORDER["legacy"] if name in nft]
    assert list(nft) == [name for name in ORDER["nft"] if name in nft]
    assert legacy == nft


def _sections(text: str) -> dict[str, str]:
    parts = [part.strip() for part in text.split("COMMIT") if part.strip()]
    return {part.splitlines()[0][1:]: part for part in parts}


def test_nothing_is_printed_where_nothing_was_read() -> None:
    assert parse("").save() == ""
    assert parse("# a comment\n\n*filter\nCOMMIT\n").save() == ""
