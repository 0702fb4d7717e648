"""Whole databases of a server: cloned from a template, sealed, swapped, dropped and listed."""

from __future__ import annotations

from contextlib import suppress

from psycopg import errors, sql

from harness.errors import UsageError
from harness.stores.postgres_errors import translated
from harness.stores.postgres_server import Server

#: FILE_COPY takes half of WAL_LOG's time for a small database; servers before 15 know no other way and no such word.
_STRATEGY_SINCE = 150000

#: What was said by ALTER DATABASE … SET, which a clone does not get by itself.
_SETTINGS = """
SELECT split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1)
FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) AS setting
WHERE s.setrole = 0 AND d.datname = %s ORDER BY 1"""

_OTHERS = "FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid() AND backend_type = 'client backend'"

Settings = tuple[tuple[str, str], ...]


class Databases(Server):
    """The databases of one server, through a connection to another one than those."""

    def clone(self, name: str, template: str, settings: Settings = (), *, space: str | None = None) -> None:
        """Make a database as its template is; one of that name that is there already is in the way, and dropped."""
        with translated(self.endpoint):
            try:
                self._clone(name, template, space)
            except errors.DuplicateDatabase:
                self.drop(name)
                self._clone(name, template, space)
            for key, value in settings:
                statement = sql.SQL("ALTER DATABASE {} SET {} TO {}")
                self.run(statement.format(sql.Identifier(name), sql.Identifier(key), sql.Literal(value)))

    def _clone(self, name: str, template: str, space: str | None) -> None:
        with self._guard:
            strategy = " STRATEGY FILE_COPY" if self._connection().info.server_version >= _STRATEGY_SINCE else ""
            create = sql.SQL("CREATE DATABASE {} TEMPLATE {}" + strategy)
            statement = create.format(sql.Identifier(name), sql.Identifier(template))
            if space is not None:
                statement += sql.SQL(" TABLESPACE {}").format(sql.Identifier(space))
            self.run(statement)

    def drop(self, name: str) -> None:
        """Drop a database and end whatever is connected to it; one that is gone is gone."""
        with translated(self.endpoint):
            self.run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def seal(self, name: str) -> None:
        """Make a database a template: whole, and closed to connections, so that it can be cloned at any time."""
        with translated(self.endpoint):
            statement = sql.SQL("ALTER DATABASE {} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false")
            self.run(statement.format(sql.Identifier(name)))

    def unseal_and_drop(self, name: str) -> None:
        """Drop a template."""
        with translated(self.endpoint), suppress(errors.InvalidCatalogName):
            self.run(sql.SQL("ALTER DATABASE {} WITH IS_TEMPLATE false").format(sql.Identifier(name)))
        self.drop(name)

    def sealed(self, name: str) -> bool:
        """Whether a database is there and was made a template: nobody does that before it is whole."""
        with translated(self.endpoint):
            return self.run("SELECT datistemplate FROM pg_database WHERE datname = %s", [name]) == [(True,)]

    def exists(self, name: str) -> bool:
        """Whether there is a database of that name."""
        with translated(self.endpoint):
            return self.run("SELECT FROM pg_database WHERE datname = %s", [name]) == [()]

    def named(self, prefix: str) -> tuple[tuple[str, str | None], ...]:
        """Return the databases whose names begin so, each with its comment, the oldest first."""
        with translated(self.endpoint):
            found = self.run(
                "SELECT datname::text, shobj_description(oid, 'pg_database') FROM pg_database"
                " WHERE starts_with(datname, %s) ORDER BY oid",
                [prefix],
            )
        return tuple((str(name), None if comment is None else str(comment)) for name, comment in found)

    def comment(self, name: str, text: str) -> None:
        """Write something on a database that everybody can read."""
        with translated(self.endpoint):
            self.run(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(text)))

    def spaces(self, prefix: str) -> dict[str, str]:
        """Return the folder of each tablespace whose name begins so."""
        with translated(self.endpoint):
            found = self.run(
                "SELECT spcname::text, pg_tablespace_location(oid) FROM pg_tablespace WHERE starts_with(spcname, %s)",
                [prefix],
            )
        return {str(name): str(folder) for name, folder in found}

    def make_space(self, name: str, folder: str) -> None:
        """Make a tablespace in an empty folder of the server's machine."""
        with translated(self.endpoint):
            statement = sql.SQL("CREATE TABLESPACE {} LOCATION {}")
            self.run(statement.format(sql.Identifier(name), sql.Literal(folder)))

    def settings(self, name: str) -> Settings:
        """Return what was said of a database by ALTER DATABASE … SET."""
        with translated(self.endpoint):
            return tuple((str(key), str(value)) for key, value in self.run(_SETTINGS, [name]))

    def may_create(self) -> bool:
        """Whether this user may make databases."""
        with translated(self.endpoint):
            found = self.run("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
        return found == [(True,)]

    def is_elsewhere(self) -> bool:
        """Whether we are connected to another database than the one we were given, which can then be copied or renamed."""
        with translated(self.endpoint):
            return self.run("SELECT current_database()") != [(self.endpoint.database,)]

    def end_connections(self, name: str) -> int:
        """End what is connected to a database, and return how many that were."""
        with translated(self.endpoint):
            return len(self.run("SELECT pg_terminate_backend(pid) " + _OTHERS, [name]))

    def swap(self, name: str, successor: str, aside: str) -> None:
        """Let `successor` take the place of `name`, which becomes `aside`: both or neither, whenever we are killed."""
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        with translated(self.endpoint), self._guard, self._connection().transaction():
            self.run(rename.format(sql.Identifier(name), sql.Identifier(aside)))
            self.run(rename.format(sql.Identifier(successor), sql.Identifier(name)))


def require_right(databases: Databases, doing: str) -> None:
    """Raise UsageError where this user may make no databases."""
    if not databases.may_create():
        endpoint = databases.endpoint
        raise UsageError(
            f"{doing} takes databases of its own, and user {endpoint.user!r} may make none at {endpoint.shown}",
            hint=f"ALTER ROLE {endpoint.user} CREATEDB, as a superuser there",
        )
