"""Hostile links and messages: no page is lost, no other touched, nothing left behind."""

from __future__ import annotations

import asyncio
import os
import random
import urllib.parse

from web_client import Client, run, wait_until

from izhikevich.views.web.links import LinkError, from_link


def _hostile_values(dice: random.Random) -> list:
    deep: list = []
    for _ in range(200):
        deep = [deep]
    return [
        None,
        True,
        "",
        "<script>alert(1)</script>",
        "../../etc/passwd",
        -1,
        0,
        10**400,
        1e308,
        -1e308,
        float("nan"),
        float("inf"),
        {"type": "number", "value": "nan"},
        {"type": "number", "value": "+inf"},
        [],
        {},
        deep,
        "x" * 20_000,
        {"name": "__class__", "value": 1},
        {"name": "a", "value": "1"},
        {"name": "a", "value": None},
        {"name": "a", "value": dice.uniform(-1e9, 1e9)},
        {"name": "tstop", "value": 1e12},
        {"name": "dt", "value": 1e-300},
        {"name": "c", "value": 1e9},
        {"name": "T1", "value": -5},
        {"name": ["a"], "value": 1},
        {"name": "keep", "on": 1},
        {"name": "__class__", "on": True},
        {"name": "synapse", "on": True},
        "PP\x00",
        "/etc/passwd",
    ]


def test_500_hostile_links_and_messages(server):
    """None crashes a session, touches another or leaves a worker behind."""
    dice = random.Random(7)
    workers = min(4, max(2, os.cpu_count() or 1))
    wait_until(lambda: len(server.workers()) == workers, 60)
    actions = [
        *("paper", "type", "variant", "scheme", "current", "set", "reset"),
        *("switch", "show", "pictures", "compare", "download", "look", "quit", "__init__", ["set"]),
    ]
    names = ["paper", "type", "variant", "scheme", "keep", "synapse"]
    names += ["a", "tstop", "dt", "I0", "v0", "<b>", "__"]

    async def messages(client: Client, n: int) -> None:
        for _ in range(n):
            kind = dice.random()
            value = dice.choice(_hostile_values(dice))
            if kind < 0.8:
                value = {"number": 1, "action": dice.choice(actions), "value": value}
            reply = await client.ask_anything(value)
            assert "internal error" not in reply.get("problem", ""), value

    async def links(n: int) -> None:
        for _ in range(n):
            query = [
                (dice.choice(names), str(dice.choice(_hostile_values(dice)))[:3000])
                for _ in range(dice.randint(1, 4))
            ]
            client = await Client.open(server.address, "?" + urllib.parse.urlencode(query))
            reply = await client.ask("show")
            assert reply["words"] and "internal error" not in reply.get("problem", ""), query
            client.close()

    def parsed_links(n: int) -> None:
        """The same without a page each: what the server does with the address."""
        for _ in range(n):
            query = {
                dice.choice(names): [str(dice.choice(_hostile_values(dice))).encode()]
                for _ in range(dice.randint(1, 4))
            }
            try:
                exploration = from_link(query)
            except LinkError as error:
                assert len(str(error)) < 500
            else:
                assert exploration.choices()

    async def frames(client: Client) -> None:
        """Not even messages."""
        for text in ("", "{", "[" * 50_000, '{"number": 1e999}', b"\x00\xff", b""):
            await client.send_text(text)
            reply = await client.reply()
            assert reply["problem"].startswith("the page ") and reply["number"] is None

    async def attack() -> None:
        bystander = await Client.open(server.address, "?d=5")
        before = await bystander.ask("show")
        attacker = await Client.open(server.address)
        await asyncio.gather(
            messages(attacker, 100),
            messages(await Client.open(server.address, "?paper=2007"), 100),
            links(10),
            links(10),
        )
        await attacker.ask("show")
        await frames(await Client.open(server.address))
        after = await bystander.ask("show")
        assert after["words"] == before["words"] and after["fields"] == before["fields"]
        assert not after.get("problem")
        bystander.close()
        attacker.close()

    parsed_links(280)
    run(attack())
    wait_until(lambda: len(server.workers()) == workers, 10)
    assert server.process.poll() is None
