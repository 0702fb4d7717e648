"""Cognito user pools through `cognito-idp`: listed, filled, signed in to. AWS's own and MiniStack's alike."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from harness.errors import EnvironmentFailure, HarnessError, UsageError
from harness.stores.aws_api import COGNITO
from harness.stores.dynamodb_wire import ServiceError, Unreachable, Wire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.endpoint import IdentityEndpoint

#: The most that ListUsers gives at once (API reference, ListUsers).
PAGE = 60
_REFUSED_KEY = frozenset(
    {"AccessDeniedException", "ExpiredTokenException", "InvalidSignatureException", "UnrecognizedClientException"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolUser:
    """A user of a pool, as ListUsers tells."""

    username: str
    #: The `sub` of every token that the user gets; the pool gives it, and never changes it.
    sub: str
    #: `preferred_username`, which is the handle; None where the user has none.
    handle: str | None
    email: str | None = None

    @classmethod
    def of(cls, user: dict[str, Any]) -> Self:
        """Read AWS's UserType."""
        attributes = {each["Name"]: each.get("Value") for each in user.get("Attributes", [])}
        return cls(
            username=user["Username"],
            sub=attributes.get("sub") or "",
            handle=attributes.get("preferred_username") or None,
            email=attributes.get("email"),
        )


class NoSuchUser(HarnessError):
    """Nobody in the pool has this name, email or handle."""


class UserPools:
    """The user pools at one endpoint."""

    def __init__(self, endpoint: IdentityEndpoint) -> None:
        self.endpoint = endpoint
        self._wire = Wire(endpoint, api=COGNITO)

    def probe(self) -> None:
        """Ask for one pool, once. Raises OSError while nobody answers."""
        try:
            self._wire.call_once("ListUserPools", b'{"MaxResults":1}')
        except Unreachable as exc:
            raise ConnectionError(f"ListUserPools at {self.endpoint.url}: {exc}") from exc
        except ServiceError as exc:
            raise ConnectionError(str(exc)) from exc

    def create_pool(self, name: str) -> str:
        """Make a pool whose users sign in by name, email or handle; return its id."""
        parameters = {"PoolName": name, "AliasAttributes": ["email", "preferred_username"]}
        return str(self._call("CreateUserPool", parameters)["UserPool"]["Id"])

    def delete_pool(self, pool_id: str) -> None:
        """Remove a pool with its users."""
        self._call("DeleteUserPool", {"UserPoolId": pool_id})

    def has_pool(self, pool_id: str) -> bool:
        """Whether there is such a pool."""
        with _translated(self.endpoint):
            try:
                self._wire.call("DescribeUserPool", {"UserPoolId": pool_id})
            except ServiceError as exc:
                if exc.code != "ResourceNotFoundException":
                    raise
                return False
        return True

    def create_client(self, pool_id: str, name: str) -> str:
        """Make an app client without a secret, as a web front end uses; return its id."""
        flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
        parameters = {"UserPoolId": pool_id, "ClientName": name, "ExplicitAuthFlows": flows}
        return str(self._call("CreateUserPoolClient", parameters)["UserPoolClient"]["ClientId"])

    def list_users(self, pool_id: str) -> Iterator[PoolUser]:
        """Yield the users of a pool, page by page."""
        token: str | None = None
        while True:
            more = {"PaginationToken": token} if token else {}
            page = self._call("ListUsers", {"UserPoolId": pool_id, "Limit": PAGE, **more})
            yield from map(PoolUser.of, page["Users"])
            token = page.get("PaginationToken")
            if not token:
                return

    def create_user(self, pool_id: str, username: str, attributes: dict[str, str]) -> None:
        """Make a user who gets no mail."""
        parameters = {"UserAttributes": _pairs(attributes), "MessageAction": "SUPPRESS"}
        self._call("AdminCreateUser", {"UserPoolId": pool_id, "Username": username, **parameters})

    def set_password(self, pool_id: str, username: str, password: str) -> None:
        """Give a user a password for good, which confirms the user."""
        parameters = {"Password": password, "Permanent": True}
        self._call("AdminSetUserPassword", {"UserPoolId": pool_id, "Username": username, **parameters})

    def set_attributes(self, pool_id: str, username: str, attributes: dict[str, str]) -> None:
        """Change attributes of a user."""
        parameters = {"UserAttributes": _pairs(attributes)}
        self._call("AdminUpdateUserAttributes", {"UserPoolId": pool_id, "Username": username, **parameters})

    def delete_user(self, pool_id: str, username: str) -> None:
        """Remove a user."""
        self._call("AdminDeleteUser", {"UserPoolId": pool_id, "Username": username})

    def sign_in(self, client_id: str, username: str, password: str) -> dict[str, Any]:
        """Return AWS's AuthenticationResultType: AccessToken, IdToken, RefreshToken, ExpiresIn."""
        parameters = {"USERNAME": username, "PASSWORD": password}
        answer = self._call(
            "InitiateAuth", {"ClientId": client_id, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}
        )
        if "AuthenticationResult" not in answer:
            raise HarnessError(
                f"the pool wants more than a password of {username!r}: {answer.get('ChallengeName')}",
                hint="harness reset gives the seeded users back as they were",
            )
        result: dict[str, Any] = answer["AuthenticationResult"]
        return result

    def close(self) -> None:
        """Close its connections."""
        self._wire.close()

    def _call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        with _translated(self.endpoint):
            return self._wire.call(operation, parameters)


@contextmanager
def _translated(endpoint: IdentityEndpoint) -> Iterator[None]:
    try:
        yield
    except Unreachable as exc:
        raise EnvironmentFailure(
            f"the identity service does not answer at {endpoint.url}: {exc}", hint="`harness status`, then `harness up`"
        ) from exc
    except ServiceError as exc:
        raise _refusal(exc, endpoint) from exc


def _refusal(exc: ServiceError, endpoint: IdentityEndpoint) -> HarnessError:
    if exc.code in _REFUSED_KEY:
        return EnvironmentFailure(
            f"Cognito at {endpoint.url} refused access key {endpoint.access_key_id!r}: {exc}",
            hint="check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and the pool's region",
        )
    if exc.code == "ResourceNotFoundException":
        return UsageError(
            f"{endpoint.url} has no such user pool or app client: {exc}",
            hint="`harness status` shows the stack's; another one is named by --pool-id and --pool-url",
        )
    if exc.code == "UserNotFoundException":
        return NoSuchUser(f"the pool has no such user: {exc}", hint="harness reset gives the seeded users back")
    if exc.code == "NotAuthorizedException":
        return HarnessError(f"the pool lets the user not in: {exc}", hint="harness reset gives the seeded users back")
    return EnvironmentFailure(f"Cognito at {endpoint.url} refused a request: {exc}", hint="harness logs identity")


def _pairs(attributes: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in attributes.items()]
