"""-m comment: words for people."""

from __future__ import annotations

from pknet.netns.netfilter.extension import Match, Option
from pknet.netns.netfilter.host import Host
from pknet.netns.netfilter.words import saved

LIMIT = 255  # Linux: XT_MAX_COMMENT_LEN - 1


class Comment(Match):
    """Always matches."""

    name = "comment"
    options = {"--comment": Option(required=True)}

    def __init__(self, family: int) -> None:
        super().__init__(family)
        self.text = ""

    def option(self, name: str, values: list[str], inverted: bool) -> None:
        if len(values[0].encode()) > LIMIT:
            raise ValueError(f"a comment has at most {LIMIT} bytes")
        self.text = values[0]

    def save(self) -> str:
        return f"--comment {saved(self.text)}"

    def compile(self, host: Host) -> None:
        return None
