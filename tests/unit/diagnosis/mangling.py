"""Projects and databases that went wrong at random: whatever a check meets there, it must not raise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.held import Column, Held, Relation, Table

if TYPE_CHECKING:
    from random import Random

Item = dict[str, dict[str, Any]]

GROUP = "5f2c0b7a-8a53-4f0e-9d5b-0c1d7f3a2b11"
PEOPLE = ("11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222")
#: Values that DynamoDB can hold and nobody expects.
_ODD_VALUES: tuple[dict[str, Any], ...] = (
    {"N": "5"}, {"N": "1E+125"}, {"BOOL": True}, {"NULL": True}, {"L": [{"S": "a"}]}, {"M": {"a": {"S": "b"}}}, {"M": {}},
    {"B": b"\xff"}, {"SS": ["a"]}, {"S": ""}, {"S": "#"}, {"S": "GRP#"}, {"S": "MSG#"}, {"S": f"GRP#{GROUP}"},
    {"S": "2026-13-45T99:99"}, {"S": "0001-01-01T00:00:00+23:59"}, {"S": "9999-12-31T23:59:59.999999-23:59"},
    {"S": "2026-11-09 10:00"}, {"S": "20261109T100000Z"}, {"S": "2026-W10-1"}, {"S": "1700000000"}, {"S": "1" * 40},
    {"S": "x" * 5000}, {"S": "nan"}, {"S": "\u0663"}, {"S": "\ud800"},
)  # fmt: skip
_ODD_COLUMNS: tuple[Any, ...] = (None, True, 5, 1.5, "", "ada", "Ada ", "MOCK", PEOPLE[0], "x" * 3000, float("nan"))


def mangled(text: str, random: Random) -> bytes:
    """Return a file's bytes after an accident."""
    data, lines = bytearray(text.encode()), text.splitlines(keepends=True)
    at, line = random.randrange(len(data)), random.randrange(len(lines))
    match random.randrange(7):
        case 0:
            for _ in range(random.randrange(1, 6)):
                data[random.randrange(len(data))] ^= 1 << random.randrange(8)
        case 1:
            del data[at:]
        case 2:
            del data[at : at + random.randrange(1, 20)]
        case 3:
            data[at:at] = data[: random.randrange(60)]
        case 4:
            data = bytearray("".join(lines[:line] + lines[line + random.randrange(1, 4) :]).encode())
        case 5:
            data = bytearray("".join(lines[: line + 1] + lines[line:]).encode())
        case _:
            data = bytearray("".join([lines[line], *lines]).encode())
    return bytes(data)


def odd_held(random: Random) -> Held:
    """Return databases in which some things are not as they should be."""
    relations = [
        _relation(name, random) for name in random.choice([("users", "activities"), ("users",), ("people",), ()])
    ]
    tables = [_table(name, random) for name in random.choice([("cruddur-messages",), ("messages", "other"), ()])]
    return Held(relations={each.name: each for each in relations}, tables={each.name: each for each in tables})


def _items() -> list[Item]:
    def texts(**given: str) -> Item:
        return {name: {"S": value} for name, value in given.items()}

    messages = [
        texts(pk=f"MSG#{GROUP}", sk=f"2026-11-0{day}T10:00:00+00:00", message=f"text {day}", message_uuid=f"m{day}",
              user_uuid=PEOPLE[day % 2], user_handle="ada", user_display_name="Ada")
        for day in range(1, 10)
    ]  # fmt: skip
    groups = [
        texts(pk=f"GRP#{mine}", sk="2026-11-09T10:00:00+00:00", message="text 9", message_group_uuid=GROUP,
              user_uuid=other, user_handle="ben", user_display_name="Ben")
        for mine, other in (PEOPLE, PEOPLE[::-1])
    ]  # fmt: skip
    return messages + groups


def _table(name: str, random: Random) -> Table:
    items = _items()
    for _ in range(random.randrange(9)):
        item = random.choice(items)
        attribute = random.choice([*item, "PK", "uuid", "created_at", "message_group_uuid"])
        if random.random() < 0.3:
            item.pop(attribute, None)
        else:
            item[attribute] = random.choice(_ODD_VALUES)
    if random.random() < 0.2:
        items = [item | {"sk": random.choice(_ODD_VALUES)} for item in items]
    description: dict[str, Any] = {
        "TableName": name,
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        "AttributeDefinitions": [{"AttributeName": each, "AttributeType": "S"} for each in ("pk", "sk")],
        "GlobalSecondaryIndexes": [
            {"IndexName": "i", "KeySchema": [{"AttributeName": "message_group_uuid", "KeyType": "HASH"}],
             "Projection": {"ProjectionType": random.choice(["ALL", "KEYS_ONLY", "INCLUDE"])}}
        ],
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "OLD_IMAGE"},
    }  # fmt: skip
    for left_out in random.sample([*description], random.randrange(3)):
        del description[left_out]
    if random.random() < 0.2:
        description["KeySchema"] = description.get("KeySchema", [])[:1]
    return Table(name=name, description=description, items=tuple(items), count=random.choice([0, len(items), 10**6]))


def _relation(name: str, random: Random) -> Relation:
    columns = ["uuid", "display_name", "handle", "email", "cognito_user_id", "created_at"]
    columns = random.sample(columns, random.choice([6, 6, 3, 0]))
    rows = []
    for number in range(random.randrange(5)):
        usual = {"uuid": PEOPLE[number % 2], "handle": ("ada", "ben")[number % 2]}
        row: dict[str, Any] = {column: usual.get(column, "x") for column in columns}
        for column in random.sample(columns, min(len(columns), random.randrange(3))):
            row[column] = random.choice(_ODD_COLUMNS)
        rows.append(row)
    return Relation(
        name=name,
        columns=tuple(Column(name=each, type="text", nullable=True, has_default=False) for each in columns),
        rows=tuple(rows),
        unique=random.choice([(), (("uuid",),), (("handle", "email"),)]),
        count=random.choice([0, len(rows), 10**6]),
    )
