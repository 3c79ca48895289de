"""LOG: a line for people, in the namespace's own log (Linux: net/netfilter/xt_LOG.c)."""

from __future__ import annotations

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import (
    Act,
    Ending,
    Option,
    Outcome,
    Path,
    Target,
    options,
)
from pknet.netns.netfilter.host import Host
from pknet.netns.netfilter.log_line import LogFlags, log_line
from pknet.netns.netfilter.numbers import number
from pknet.netns.netfilter.words import saved

PREFIX_LIMIT = 29  # Linux: sizeof(xt_log_info.prefix) - 1
DEFAULT_LEVEL = 4  # Linux: LOGLEVEL_WARNING
_LEVELS = ("emerg", "alert", "crit", "error", "warning", "notice", "info", "debug")
_FLAGS = ("--log-tcp-sequence", "--log-tcp-options", "--log-ip-options", "--log-uid",
          "--log-macdecode")  # fmt: skip
LOG_LIMIT = 10_000  # lines one namespace keeps


class Log(Target):
    """Writes and goes on."""

    name = "LOG"
    options = {
        **options(("--log-prefix", "--log-level"), Option()),
        **options(_FLAGS, Option(words=0)),
    }

    def __init__(self, family: int) -> None:
        super().__init__(family)
        self.prefix = ""
        self.level = DEFAULT_LEVEL

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        if name == "--log-prefix":
            if not 1 <= len(values[0].encode()) <= PREFIX_LIMIT:
                raise ValueError(f"a log prefix has 1 to {PREFIX_LIMIT} bytes")
            self.prefix = values[0]
        elif name == "--log-level":
            named = values[0] in _LEVELS
            self.level = _LEVELS.index(values[0]) if named else number(values[0], 0, 7, "log level")

    def save(self) -> str:
        words = [f"--log-prefix {saved(self.prefix)}"] if self.prefix else []
        words += [f"--log-level {self.level}"] if self.level != DEFAULT_LEVEL else []
        return " ".join([*words, *(flag for flag in _FLAGS if flag in self.given)])

    def compile(self, host: Host) -> Act:
        sequence, tcp_options, ip_options, _, mac = (flag in self.given for flag in _FLAGS)
        wanted = LogFlags(sequence, tcp_options, ip_options, mac)

        def act(state: HookState, path: Path) -> Outcome:
            line = self.prefix + log_line(state, wanted)
            if len(host.log) < LOG_LIMIT:
                host.log.append(line)
            return Outcome(Ending.CONTINUE, f"LOG {line}")

        return act
