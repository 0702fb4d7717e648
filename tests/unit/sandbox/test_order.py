"""Orders go through JSON to the helper."""

from __future__ import annotations

import json

from harness.sandbox.inside.order import Bind, Limits, Order, order_from


def test_an_order_arrives_as_it_was_given() -> None:
    order = Order(
        argv=["bash", "-c", "echo \udcff \u00e9"],
        cwd="/ground",
        env={"A": "b"},
        limits=Limits(files=7),
        namespaces=True,
        binds=(Bind(source="/a", target="/b", writable=True), Bind(source="/c", target="/c")),
        names=("db",),
        ports=(5432, 8000),
        account=(65534, 65534),
    )
    arrived = order_from(json.loads(json.dumps(order._asdict())))
    assert arrived._replace(names=order.names, ports=order.ports, account=order.account) == order
    assert tuple(arrived.names) == order.names
    assert isinstance(arrived.limits, Limits)
    assert isinstance(arrived.binds[0], Bind)
