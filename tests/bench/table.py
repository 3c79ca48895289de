"""The results as Markdown: every row's median, and ratios beside their bars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bench.bars import BARS, Bar
from bench.runner import Result

ABOUT = """\
Written by `make bench`; absolute figures hold for this machine, ratios for more than it.

- Rows take turns, {rounds} rounds of them, each measurement in a process of its own; the figure is
  the median. Only ratios within one run are meant to be compared.
- The exchange: a UDP datagram of 100 bytes from pod a1 to pod b1 on another node, and its answer,
  each virtual millisecond. One exchange is one packet. In pknet that is
  `topologies/cross-node.yaml` with kube-proxy's rules and conntrack on both nodes: 20 interfaces
  crossed, each crossing and each step recorded. ns-3 has neither rules nor a record, and crosses
  12; naive Scapy carries its packet one way.
- Rates and the cluster leave process starts out, those of `ip` among them; the other times are of
  whole processes. `pknet run` writes all its files in them: pcaps, pcapng and the trace as JSON.
- A limit is what Python does at best for as many records, or calls, as the exchange needs.
"""


def report(results: Sequence[Result], about: Sequence[str], rounds: int) -> str:
    """The whole file."""
    parts = [
        "# Benchmarks", ABOUT.format(rounds=rounds).strip(), "\n".join(about), "## Figures",
        "\n".join(_figures(results)), "## Ratios, and what they are to be",
        "\n".join(_ratios({result.row.name: result for result in results})),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _figures(results: Sequence[Result]) -> Iterator[str]:
    yield from _head("row", "what", "size", "median", "lowest", "highest", "unit")
    for result in results:
        row = result.row
        if result.missing is not None:
            yield _line(row.name, row.title, result.size, f"skipped: {result.missing}", "", "", "")
            continue
        shown = (result.median, min(result.figures), max(result.figures))
        yield _line(row.name, row.title, result.size, *map(number, shown), row.unit.text)


def _ratios(results: Mapping[str, Result]) -> Iterator[str]:
    yield from _head("job", "row", "against", "measured", "bar", "")
    for bar in BARS:
        if bar.row in results:
            value = bar.value(results)
            yield _line(bar.job, bar.row, bar.peer or "", *_judged(bar, value, results))


def _judged(bar: Bar, value: float | None, results: Mapping[str, Result]) -> tuple[str, str, str]:
    unit = results[bar.row].row.unit
    suffix = " x" if bar.peer else f" {unit.text}"
    wanted = f"{number(bar.wanted)}{suffix}"
    if bar.compiled is not None:
        wanted += f" ({number(bar.compiled)}{suffix} compiled)"
    if value is None:
        return "not measured", wanted, ""
    return f"{number(value)}{suffix}", wanted, "met" if bar.met(value, unit) else "not yet"


def _head(*names: str) -> Iterator[str]:
    yield _line(*names)
    yield _line(*["---"] * len(names))


def _line(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def number(value: float) -> str:
    """Three digits that count: ``0.0123``, ``1.5``, ``12,300``."""
    if abs(value) >= 100:
        digits = len(str(int(abs(value))))
        return f"{round(value, 3 - digits):,.0f}"
    return f"{value:.3g}"
