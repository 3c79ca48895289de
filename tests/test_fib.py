"""The longest prefix wins; py-radix is the judge."""

from __future__ import annotations

import pytest
import radix
from hypothesis import given
from hypothesis import strategies as st

from pknet.netns.fib import Fib, Table
from pknet.netns.route import Route, RouteType
from pknet.wire.address import ip_int, ip_text

addresses = st.one_of(
    st.integers(0, 2**32 - 1),
    st.integers(0, 255).map(lambda low: ip_int("10.1.2.0") | low),
)
prefixes = st.tuples(addresses, st.integers(0, 32)).map(
    lambda pair: (pair[0] >> (32 - pair[1]) << (32 - pair[1]), pair[1])
)


@given(st.sets(prefixes, max_size=40), st.lists(addresses, max_size=30), st.data())
def test_lookup_agrees_with_a_radix_tree(networks, wanted, data):
    table, tree = Table(), radix.Radix()
    routes = {}
    for prefix, length in sorted(networks):
        routes[prefix, length] = Route(prefix, length)
        table.add(routes[prefix, length])
        tree.add(f"{ip_text(prefix)}/{length}")
    for key in data.draw(st.sets(st.sampled_from(sorted(routes)))) if routes else ():
        table.remove(routes[key])
        tree.delete(f"{ip_text(key[0])}/{key[1]}")
    for address in wanted:
        found, node = table.lookup(address), tree.search_best(ip_text(address))
        expected = None if node is None else f"{node.network}/{node.prefixlen}"
        got = None if found is None else f"{ip_text(found.prefix)}/{found.length}"
        assert got == expected


def test_the_lower_metric_wins_and_the_other_takes_over_when_it_is_gone():
    table = Table()
    first, second = Route(0, 0, metric=100), Route(0, 0, metric=50)
    table.add(first)
    table.add(second)
    assert table.lookup(1) is second
    table.remove(second)
    assert table.lookup(1) is first


def test_the_same_prefix_and_metric_twice_is_file_exists():
    table = Table()
    table.add(Route(ip_int("10.0.0.0"), 8))
    with pytest.raises(ValueError, match=r"File exists: a route to 10\.0\.0\.0/8"):
        table.add(Route(ip_int("10.0.0.0"), 8))


def test_removing_what_is_not_there_is_no_such_process():
    with pytest.raises(KeyError, match="No such process"):
        Table().remove(Route(0, 0))


def test_the_local_table_is_asked_before_the_main_one():
    fib = Fib()
    fib.main.add(Route(ip_int("10.0.0.1"), 32))
    mine = Route(ip_int("10.0.0.0"), 8, RouteType.LOCAL)
    fib.local.add(mine)
    assert fib.lookup(ip_int("10.0.0.1")) is mine


def test_a_throw_route_ends_the_search_of_its_table():
    fib = Fib()
    fib.main.add(Route(0, 0))
    fib.main.add(Route(ip_int("10.0.0.0"), 8, RouteType.THROW))
    assert fib.lookup(ip_int("10.0.0.1")) is None
    assert fib.lookup(ip_int("11.0.0.1")) is not None


@pytest.mark.parametrize("width", [32, 128])
def test_the_width_of_an_address_is_a_value(width):
    table = Table(width)
    table.add(Route(1 << (width - 1), 1))
    assert table.lookup((1 << width) - 1) is not None
    assert table.lookup(0) is None
