"""A read-aside cache: users are looked up in DynamoDB first and in Postgres where it doesn't know; docs/cache.md."""

from __future__ import annotations

from .model import CacheDown, DatabaseDown, Found, Key, NoSuchUser, Terms, User, by_cognito_id, by_handle
from .postgres import UsersInPostgres
from .read_aside import UserCache
from .table import CacheTable, make_table

__all__ = [
    "CacheDown",
    "CacheTable",
    "DatabaseDown",
    "Found",
    "Key",
    "NoSuchUser",
    "Terms",
    "User",
    "UserCache",
    "UsersInPostgres",
    "by_cognito_id",
    "by_handle",
    "make_table",
]
