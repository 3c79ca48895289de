"""Conversations by chance: the seed alone says what two sockets do, and which segments are lost."""

from __future__ import annotations

from random import Random

from tcp_conversations import CLIENT, SERVER, Action, Conversation

SIZES = (1, 100, 536, 1000, 1460, 2920, 4000, 10_000)  # bytes of a write
PAUSES = (20, 37, 50, 70, 110, 250)  # milliseconds: within and beyond acknowledgement delays
BUFFERS = (131_072, 131_072, 16_384, 65_536)
LOSSES = (0, 1, 1, 2, 3)  # segments
FIRST = 60  # milliseconds after the SYN
DEADLINE = 900  # after the last action: some retransmissions


def random_conversation(seed: int, sizes: tuple[int, ...] = SIZES) -> Conversation:
    """Two to seven actions of either end; then both read and close."""
    chance = Random(seed)
    time, script, closed = FIRST, [(0, CLIENT, "connect", 0)], set()
    for _ in range(chance.randint(2, 7)):
        who = chance.choice([CLIENT, CLIENT, SERVER])
        if who in closed:
            continue
        action = _action(chance, time, who, sizes)
        script.append(action)
        closed |= {who} if action[2] == "close" else set()
        time += chance.choice(PAUSES)
    for who in (CLIENT, SERVER):
        if who not in closed:
            script += [(time, who, "read", 0), (time + 60, who, "close", 0)]
            time += 120
    lost = {_lost(chance) for _ in range(chance.choice(LOSSES))}
    buffer = chance.choice(BUFFERS)
    return Conversation(
        f"random-{seed}", tuple(script), tuple(sorted(lost)), time + DEADLINE, buffer
    )


def _action(chance: Random, time: int, who: str, sizes: tuple[int, ...]) -> Action:
    what = chance.choices(["write", "read", "shutdown", "close"], [6, 5, 1, 1])[0]
    return time, who, what, chance.choice(sizes) if what == "write" else 0


def _lost(chance: Random) -> tuple[str, int]:
    """Not the handshake: a lost SYN is a second of waiting."""
    return chance.choice([CLIENT, SERVER]), chance.randint(1, 12)
