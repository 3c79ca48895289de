"""A bounded number of made-up networks in every test run; ``make fuzz SEEDS=N`` makes more."""

from __future__ import annotations

import yaml
from fuzz.campaign import verdicts
from fuzz.case import case, text_of
from fuzz.judge import FILE, Judgement
from fuzz.known import KNOWN_DIFFERENCES, known
from fuzz.shrink import shrink, smaller_ones
from kernel_backend import needs_kernel

from pknet.topology.load import load_text

SEEDS = range(60)


@needs_kernel[0]
@needs_kernel[1]
def test_made_up_networks_do_as_the_kernel_does() -> None:
    seen = list(verdicts(SEEDS))
    assert len(seen) == len(SEEDS)
    wrong = [each for each in seen if not each.judgement.fine and each.reason is None]
    assert not wrong, "\n".join(f"seed {each.seed}: {each.judgement.told}" for each in wrong)


def test_a_seed_makes_the_same_case_again() -> None:
    assert [text_of(case(seed)) for seed in range(20)] == [text_of(case(s)) for s in range(20)]
    assert text_of(case(1)) != text_of(case(2))


def test_every_case_is_a_good_topology_file() -> None:
    for seed in range(60):
        text = text_of(case(seed))
        assert load_text(text, FILE).traffic or not case(seed)["traffic"]
        assert yaml.safe_load(text) == case(seed)


def test_what_is_shrunk_has_only_what_is_needed() -> None:
    document = next(d for d in map(case, range(100)) if len(d["traffic"]) > 3)
    wanted = document["traffic"][2]
    small = shrink(document, lambda smaller: wanted in smaller["traffic"])
    assert small["traffic"] == [wanted]
    assert small["links"] == []


def test_a_smaller_case_leaves_the_larger_one_alone() -> None:
    document = case(3)
    before = text_of(document)
    assert all(text_of(smaller) != before for smaller in smaller_ones(document))
    assert text_of(document) == before


def test_every_known_difference_has_its_reason_and_hides_nothing_else() -> None:
    differs = Judgement("differs", by_nf_tables=True)
    assert all(entry.reason for entry in KNOWN_DIFFERENCES)
    assert known({"nodes": {}, "traffic": []}, differs) is None


def test_what_ip_tables_does_otherwise_too_is_no_difference_of_nf_tables() -> None:
    rules = "*filter\n-A INPUT -p udp -m udp --dport 80 -j DROP\nCOMMIT\n"
    cut = {"udp": "10.0.0.1:80", "from": "b", "payload": "x" * 2000}
    document = {"nodes": {"a": {"iptables": rules}}, "traffic": [cut]}
    assert known(document, Judgement("differs", by_nf_tables=True)) is not None
    assert known(document, Judgement("differs")) is None
