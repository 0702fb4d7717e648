"""The fixtures that every contract test stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.stores.probe import probe_dynamodb, probe_postgres

if TYPE_CHECKING:
    from harness.endpoint import Endpoints


def test_pair_answers_on_every_engine(engine_pair: Endpoints) -> None:
    probe_dynamodb(engine_pair.dynamodb)
    probe_postgres(engine_pair.postgres)
