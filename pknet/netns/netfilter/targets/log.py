"""LOG (Linux: net/netfilter/xt_LOG.c): a line for people, in the namespace's own log."""

from __future__ import annotations

from pknet.netns.hook import HookState
from pknet.netns.netfilter.extension import Act, Ending, Outcome, Target
from pknet.netns.netfilter.host import Host
from pknet.netns.netfilter.numbers import number
from pknet.netns.netfilter.words import saved
from pknet.wire.address import ip_text

PREFIX_LIMIT = 29  # Linux: sizeof(xt_log_info.prefix) - 1
DEFAULT_LEVEL = 4
_LEVELS = ("emerg", "alert", "crit", "error", "warning", "notice", "info", "debug")
_FLAGS = ("--log-tcp-sequence", "--log-tcp-options", "--log-ip-options", "--log-uid",
          "--log-macdecode")  # fmt: skip
LOG_LIMIT = 10_000  # lines one namespace keeps


class Log(Target):
    """Writes and goes on."""

    name = "LOG"
    options = {"--log-prefix": 1, "--log-level": 1, **dict.fromkeys(_FLAGS, 0)}  # noqa: RUF012

    def __init__(self) -> None:
        self.prefix = ""
        self.level = DEFAULT_LEVEL
        self.flags: set[str] = set()

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        self.once(inverted, allowed=False)
        if name == "--log-prefix":
            if len(values[0]) > PREFIX_LIMIT:
                raise ValueError(f"a log prefix has at most {PREFIX_LIMIT} characters")
            self.prefix = values[0]
        elif name == "--log-level":
            named = values[0] in _LEVELS
            self.level = _LEVELS.index(values[0]) if named else number(values[0], 0, 7, "log level")
        else:
            self.flags.add(name)

    def save(self) -> str:
        words = [f"--log-prefix {saved(self.prefix)}"] if self.prefix else []
        words += [f"--log-level {self.level}"] if self.level != DEFAULT_LEVEL else []
        return " ".join([*words, *(flag for flag in _FLAGS if flag in self.flags)])

    def compile(self, host: Host) -> Act:
        def act(state: HookState, path: str) -> Outcome:
            line = self.prefix + _line(state)
            if len(host.log) < LOG_LIMIT:
                host.log.append(line)
            return Outcome(Ending.CONTINUE, f"LOG {line}")

        return act


def _line(state: HookState) -> str:
    header = state.skb.ip
    devices = [device.name if device else "" for device in (state.indev, state.outdev)]
    return (
        f"IN={devices[0]} OUT={devices[1]} SRC={ip_text(header.src)} DST={ip_text(header.dst)} "
        f"LEN={header.length} TTL={header.ttl} ID={header.id} PROTO={header.protocol}"
    )
