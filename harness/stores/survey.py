"""What two databases hold now, whatever put it there: every table, with its rows and items. Reads only."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from harness.held import Held
from harness.stores.dynamodb import DynamoDBStore
from harness.stores.survey_dynamodb import survey_tables
from harness.stores.survey_postgres import survey_relations

if TYPE_CHECKING:
    from harness.endpoint import Endpoints


def survey(endpoints: Endpoints) -> Held:
    """Return both databases' tables; of a large one the first part, with the exact count.

    Raises EnvironmentFailure where one does not answer. A Postgres database that does not exist holds nothing.
    """
    with closing(DynamoDBStore(endpoints.dynamodb)) as store:
        return Held(
            relations=survey_relations(endpoints.postgres), tables=survey_tables(store.wire, endpoints.dynamodb)
        )
