"""Slips of the pen in the seed of the conversations, and in what names the same things elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.gallery.slips.slip import Done, done, misspelled, one_of, put, slip
from tests.gallery.tree import DoesNotApply

if TYPE_CHECKING:
    from random import Random

    from tests.gallery.tree import Tree

_SEED: tuple[str, ...] = ("table-seed",)
_BEGIN = r"datetime\(2026, 3, 1, 12, 0, 0, 123456, tzinfo=timezone\.utc\)"

#: Instant and text as group rows are given them.
_OF_GROUP_ROWS = (
    r"(?<=last_message_at=)created_at|(?<=\"\], )created_at(?=, text\)$)",
    r"(?<=\"\], created_at, )text(?=\)$)|(?<=last_message_at=created_at,\n    message=)message",
)


@slip
def handle_misspelled(tree: Tree, random: Random) -> Done:
    places = ("sql-seed", "table-seed", "groups")
    part, match = one_of(random, places, tree, r"""(?<=['"])(?:idalind|ottoberg)(?=['"])""")
    return _handle(tree, part, match, misspelled(random, match[0]))


@slip
def handle_in_another_case(tree: Tree, random: Random) -> Done:
    places = ("sql-seed", "table-seed", "groups")
    part, match = one_of(random, places, tree, r"""(?<=['"])(?:idalind|ottoberg)(?=['"])""")
    return _handle(tree, part, match, random.choice((match[0].upper(), match[0].capitalize())))


def _handle(tree: Tree, part: str, match: re.Match[str], new: str) -> Done:
    line = tree[part][: match.start()].rpartition("\n")[2]
    by_sub_select = part == "sql-seed" and "handle = " in line
    put(tree, part, match, new)
    return done(f"{part}: {match[0]} became {new}", "SQL104" if by_sub_select else "SEED101")


@slip
def user_left_out(tree: Tree, random: Random) -> Done:
    part, match = one_of(random, ("sql-seed",), tree, r"^  \(.*'(?:idalind|ottoberg)', 'MOCK'\),\n")
    put(tree, part, match, "")
    return done(f"no {match[0].strip()}", "SEED101")


@slip
def dates_ahead(tree: Tree, random: Random) -> Done:
    year = random.randint(2060, 2200)
    tree.substitute("table-seed", _BEGIN, f"datetime({year}, 3, 1, 12, 0, 0, 123456, tzinfo=timezone.utc)")
    return done(f"the conversation is of {year}", "SEED201")


@slip
def from_now_on(tree: Tree, random: Random) -> Done:
    hours = random.choice((0, 1, 3, 24))
    tree.substitute("table-seed", _BEGIN, f"datetime.now(timezone.utc) + timedelta(hours={hours})")
    return done("the conversation begins now", "SEED201", also=("SEED401",))


@slip
def other_keys_in_each_run(tree: Tree, random: Random) -> Done:
    days = random.randint(1, 30)
    tree.substitute("table-seed", _BEGIN, f"datetime.now(timezone.utc) - timedelta(days={days})")
    return done("the conversation begins some days ago", "SEED401")


@slip
def zone_left_out(tree: Tree, random: Random) -> Done:
    tree.substitute("table-seed", _BEGIN, f"datetime(2025, {random.randint(1, 12)}, 1, 12, 0, 0, 123456)")
    return done("naive timestamps", "SEED202")


@slip
def write_beside_the_loop(tree: Tree, _random: Random) -> Done:
    tree.substitute("table-seed", r"^    (put_message\(people\[who\], created_at, text\)\n)", r"\1")
    return done("the write stands behind the loop", "SEED103")


@slip
def write_under_one_branch(tree: Tree, _random: Random) -> Done:
    tree.substitute(
        "table-seed",
        r"^    (put_message\(people\[who\], created_at, text\)\n)",
        r'    if who == "Person 3":\n        \1',
    )
    return done("the write stands under a condition that is never true", "SEED103", "SEED104")


@slip
def prefix_of_the_seed(tree: Tree, random: Random) -> Done:
    part, match = one_of(random, _SEED, tree, r"(?:MSG|GRP)#")
    put(tree, part, match, new := _other_prefix(random, match[0]))
    return done(f"{match[0]} became {new} in the seed", "SEED310")


@slip
def prefix_of_a_pattern(tree: Tree, random: Random) -> Done:
    part, match = one_of(random, ("messages", "groups"), tree, r"(?:MSG|GRP)#")
    put(tree, part, match, new := _other_prefix(random, match[0]))
    return done(f"{match[0]} became {new} in {part}", "ACC104")


def _other_prefix(random: Random, prefix: str) -> str:
    name = prefix[:-1]
    return random.choice((f"{name}-", f"{name}:", f"{name.lower()}#", f"{name}", f"{name}S#", f"{name[:2]}#"))


@slip
def group_of_another_uuid(tree: Tree, random: Random) -> Done:
    part, match = one_of(random, ("messages", "table-seed"), tree, r"c0ffee00(?=-1111)")
    put(tree, part, match, f"{random.randrange(16**8):08x}")
    return done(f"another group in {part}", "ACC104")


@slip
def group_row_left_out(tree: Tree, random: Random) -> Done:
    choice = random.choice((1, 2))
    for pattern, new in (
        (rf'^put_group\(people\["Person {choice}"\].*\n', ""),
        (r"\[\(me, other\), \(other, me\)\]", "[(me, other)]" if choice == 1 else "[(other, me)]"),
        (r"\(\(ida, otto\), \(otto, ida\)\)", "((ida, otto),)" if choice == 1 else "((otto, ida),)"),
        (
            r'(?s)put_group\(\n    client=ddb,\n    message_group_uuid=message_group_uuid,\n    my_user_uuid=users\["my.*?\n\)\n',
            "",
        ),
    ):
        if re.search(pattern, tree["table-seed"], re.MULTILINE):
            tree.substitute("table-seed", pattern, new)
            return done("one group row is left out", "SEED301")
    raise DoesNotApply("no group rows like these")


@slip
def owner_for_partner(tree: Tree, _random: Random) -> Done:
    for pattern, new in (
        (r'(?<="user_uuid": \{"S": )other(?=\["uuid"\])', "owner"),
        (r'(?<="user_uuid": \{"S": )str\(partner', "str(owner"),
        (r"(?<=\*\*as_columns\()theirs", "mine"),
        (r'(?<="user_uuid": \{"S": )other_uuid', "my_user_uuid"),
    ):
        if re.search(pattern, tree["table-seed"]):
            tree.substitute("table-seed", pattern, new)
            return done("group rows show their owner", "SEED307", "SEED308")
    raise DoesNotApply("no group rows like these")


@slip
def one_key_for_all(tree: Tree, _random: Random) -> Done:
    for pattern, new in (
        (r"minutes=(?:number|i)\)", "minutes=0)"),
        (r"when = when, when \+ timedelta\(minutes=1\)", "when = when, when"),
    ):
        if re.search(pattern, tree["table-seed"]):
            tree.substitute("table-seed", pattern, new)
            return done("every message has the same key", "SEED305")
    raise DoesNotApply("no instants like these")


@slip
def attribute_left_out(tree: Tree, random: Random) -> Done:
    part, match = one_of(
        random, _SEED, tree, r'^ +"(?:user_handle|user_display_name|message|message_uuid|message_group_uuid)": .*,\n'
    )
    put(tree, part, match, "")
    return done(f"no {match[0].strip()}", "SEED312")


@slip
def attribute_misspelled(tree: Tree, random: Random) -> Done:
    part, match = one_of(
        random, _SEED, tree, r'(?<=^            ")(?:user_handle|user_display_name|message|message_group_uuid)(?=": )'
    )
    put(tree, part, match, new := misspelled(random, match[0]))
    return done(f"{match[0]} became {new}", "SEED312")


@slip
def type_mistaken(tree: Tree, random: Random) -> Done:
    part, match = one_of(random, _SEED, tree, r'(?<="message_uuid": )\{"S": .*\}')
    put(tree, part, match, '{"N": "1"}')
    return done("message_uuid is a number", "SEED311")


@slip
def filler_text(tree: Tree, _random: Random) -> Done:
    tree.substitute("table-seed", _OF_GROUP_ROWS[1], '"filler"', count=0)
    return done("group rows have a text of their own", "SEED304")


@slip
def group_rows_of_now(tree: Tree, _random: Random) -> Done:
    now = "(datetime.now(timezone.utc) - timedelta(hours=1)).isoformat()"
    tree.substitute("table-seed", _OF_GROUP_ROWS[0], now, count=0)
    return done("group rows have another instant", "SEED303", also=("SEED401",))


@slip
def name_misspelled(tree: Tree, random: Random) -> Done:
    part, match = one_of(
        random, _SEED, tree, r"(?<=[ (])(?:timedelta|timezone)(?=[.(])|(?<=\{\"S\": )created_at\b|\buuid(?=\.uuid)"
    )
    put(tree, part, match, new := misspelled(random, match[0]))
    return done(f"{match[0]} became {new}", "SEED102")


@slip
def line_of_nobody(tree: Tree, random: Random) -> Done:
    if "raise ValueError" not in tree["table-seed"] and "people[who]" not in tree["table-seed"]:
        raise DoesNotApply("whoever is not the first is the second")
    part, match = one_of(random, _SEED, tree, r"^Person [12]: ")
    put(tree, part, match, random.choice(("Person1: ", "person 2: ", "Persn 1: ", "")))
    return done(f"a line without its {match[0].strip()}", "SEED102")


@slip
def table_misspelled(tree: Tree, random: Random) -> Done:
    part, match = one_of(
        random,
        _SEED,
        tree,
        r'os\.(?:getenv|environ\.get)\("DDB_MESSAGE_TABLE", "cruddur-messages"\)|"cruddur-messages"',
    )
    put(tree, part, match, f'"{misspelled(random, "cruddur-messages")}"')
    return done("another table in the seed", "SEED107", "ACC115")
