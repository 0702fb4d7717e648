"""The machine, and what the sandbox met."""

from __future__ import annotations

from typing import Any

import pytest

from harness.diagnosis.checks.environment.machine import (
    an_engine_can_be_used,
    docker_answers_where_compose_is_used,
    localhost_is_where_servers_listen,
    ports_are_free,
    the_stack_answers,
)
from harness.diagnosis.checks.environment.rehearsal import (
    scripts_come_to_an_end,
    scripts_need_no_network,
    scripts_start_nothing,
    scripts_write_inside_the_project,
)
from harness.diagnosis.checks.environment.unexplained import scripts_end_without_an_error
from harness.diagnosis.machine import Machine, Port
from harness.diagnosis.registry import all_checks
from harness.diagnosis.seed_runs import seed_runs
from harness.project.place import Place
from harness.rehearsal.results import AwsCall, MissingModule, Refused
from tests.unit.diagnosis.checks.loaded_project import facts, only, problems, project, psql, ran, source


def machine(*ports: Port, localhost: tuple[str, ...] = ("127.0.0.1",), **more: Any) -> Machine:
    engines = more.pop("engines", {"docker": None, "embedded": None})
    return Machine(engines=engines, ports=ports, localhost=localhost, environment={}, **more)


def port(holder: str | None = None, *, ours: bool = False, addresses: tuple[str, ...] = ()) -> Port:
    return Port(number=5432, service="postgres", holder=holder, ours=ours, addresses=addresses)


MACHINE_CHECKS = [
    an_engine_can_be_used, docker_answers_where_compose_is_used, localhost_is_where_servers_listen, ports_are_free,
    the_stack_answers,
]  # fmt: skip


@pytest.mark.parametrize("check", MACHINE_CHECKS, ids=lambda check: check.code)
def test_a_sound_machine_has_no_problem(check: Any) -> None:
    listening = port("postgres (pid 7)", ours=True, addresses=("127.0.0.1",))
    compose = project(source("docker-compose.yml", "services: {}\n", "compose"))
    assert problems(check, facts(compose, machine=machine(port(), listening))) == []
    assert problems(check, facts()) == []


def test_no_engine() -> None:
    without = machine(engines={"docker": "no socket", "embedded": "not installed"})
    assert "docker: no socket; embedded: not installed" in only(an_engine_can_be_used, facts(machine=without)).cause


def test_compose_without_docker() -> None:
    where = project(source("docker-compose.yml", "services: {}\n", "compose"))
    without = machine(engines={"docker": "no socket", "embedded": None})
    assert len(problems(docker_answers_where_compose_is_used, facts(where, machine=without))) == 1
    assert problems(docker_answers_where_compose_is_used, facts(project(), machine=without)) == []


def test_a_port_that_somebody_holds() -> None:
    assert "postgres (pid 812)" in only(ports_are_free, facts(machine=machine(port("postgres (pid 812)")))).cause


@pytest.mark.parametrize(
    ("localhost", "addresses", "count"),
    [
        (("::1", "127.0.0.1"), ("127.0.0.1",), 1),
        (("::1", "127.0.0.1"), ("0.0.0.0",), 1),
        (("::1", "127.0.0.1"), ("127.0.0.1", "::1"), 0),
        (("::1", "127.0.0.1"), ("::",), 0),
        (("127.0.0.1",), ("::1",), 1),
        (("127.0.0.1", "::1"), ("127.0.0.1",), 0),
        (("127.0.0.1",), (), 0),
        ((), ("127.0.0.1",), 0),
    ],
)
def test_where_localhost_leads(localhost: tuple[str, ...], addresses: tuple[str, ...], count: int) -> None:
    some = facts(machine=machine(port("x", ours=True, addresses=addresses), localhost=localhost))
    assert len(problems(localhost_is_where_servers_listen, some)) == count


def test_a_stack_that_does_not_answer() -> None:
    assert only(the_stack_answers, facts(machine=machine(stack_trouble="port 5432 is closed"))).cause


SEED = "bin/ddb/seed"


def where(*roles: Any) -> Any:
    return project(source(SEED, "import boto3\nprint()\n", *(roles or ("table-seed",))))


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        ("connect", scripts_need_no_network),
        ("look-up", scripts_need_no_network),
        ("write", scripts_write_inside_the_project),
        ("process", scripts_start_nothing),
    ],
)
def test_what_the_sandbox_refused(kind: Any, check: Any) -> None:
    refused = tuple(Refused(kind=kind, what="there", place=Place(path=SEED, line=2)) for _ in range(104))
    some = facts(where(), scripts=[ran(SEED, ("PermissionError", "no"), refused=refused)])
    problem = only(check, some)
    assert str(problem.place) == "bin/ddb/seed:2"
    assert len(problem.evidence) < 6
    assert problems(scripts_end_without_an_error, some) == []


def test_what_a_script_leaves_running() -> None:
    assert len(problems(scripts_start_nothing, facts(where(), scripts=[ran(SEED, left_running=("sleep 99",))]))) == 1


def test_a_script_without_an_end() -> None:
    load = "bin/ddb/schema-load"
    stopped = [ran(load, stopped="time", exit_code=None), ran(SEED, stopped="time", exit_code=None)]
    problem = only(scripts_come_to_an_end, facts(where(), scripts=stopped))
    assert load in problem.cause  # of the seed SEED102 tells
    assert (
        "db/seed.sql" in only(scripts_come_to_an_end, facts(where(), sql=[psql("db/seed.sql", stopped="time")])).cause
    )


@pytest.mark.parametrize(
    ("raised", "roles", "told"),
    [
        (("KeyError", "'TABLE_NAME'"), ("table-schema",), True),
        (("botocore.exceptions.EndpointConnectionError", "could not connect"), ("table-seed",), True),
        (("botocore.exceptions.ProfileNotFound", "The config profile (x) could not be found"), ("table-seed",), True),
        (("psycopg.OperationalError", "connection failed"), ("pattern-groups",), True),
        (("FileNotFoundError", "data.json"), ("table-seed",), True),
        (("KeyError", "'CONNECTION_URL' environ"), ("table-seed",), True),
        (("TypeError", "'NoneType' object is not subscriptable"), ("table-seed",), False),
        (("NameError", "name 'datetime' is not defined"), ("pattern-groups",), False),
    ],
)
def test_a_script_that_fails_is_never_passed_over(raised: tuple[str, str], roles: Any, told: bool) -> None:  # noqa: FBT001
    some = facts(where(*roles), scripts=[ran(SEED, raised, line=2, text="print()")])
    assert len(problems(scripts_end_without_an_error, some)) == told


def test_a_shell_script_that_fails() -> None:
    some = facts(
        where("setup"), scripts=[ran(SEED, exit_code=127, stderr="x\nseed: line 2: psql: command not found\n")]
    )
    assert "psql: command not found" in only(scripts_end_without_an_error, some).cause


def test_a_script_that_was_started_without_its_arguments_has_no_fault() -> None:
    usage = "usage: ddb [-h] {create,seed}\nddb: error: the following arguments are required: command\n"
    some = facts(where("table-schema"), scripts=[ran(SEED, exit_code=2, stderr=usage)])
    assert problems(scripts_end_without_an_error, some) == []


def test_of_a_script_that_does_several_things_only_one_run_is_the_seeds() -> None:
    runs = [ran(SEED, only_for="table-schema"), ran(SEED, only_for="table-seed"), ran(SEED)]
    assert seed_runs(facts(where("table-schema", "table-seed"), scripts=runs)) == (runs[1], runs[2])


def test_a_package_that_is_missing_here_is_no_fault_of_the_script() -> None:
    missing = (MissingModule(name="momento", place=None, stood_in=True),)
    some = ran(SEED, ("ModuleNotFoundError", "No module named 'momento'"), missing=missing)
    assert problems(scripts_end_without_an_error, facts(where(), scripts=[some])) == []


def test_an_answer_of_dynamodb_is_told_by_other_checks() -> None:
    call = AwsCall(
        service="dynamodb",
        operation="CreateTable",
        parameters={},
        error="ValidationException",
        region=None,
        endpoint=None,
    )
    raised = "botocore.exceptions.ClientError", "An error occurred (ValidationException) when calling CreateTable"
    some = facts(where("table-schema"), scripts=[ran(SEED, raised, calls=(call,))])
    assert problems(scripts_end_without_an_error, some) == []


def test_what_ends_well_is_no_problem() -> None:
    assert problems(scripts_end_without_an_error, facts(where(), scripts=[ran(SEED)])) == []


def test_every_code_that_is_required_is_there() -> None:
    checks = all_checks()
    assert scripts_end_without_an_error.requires <= checks.keys()
    assert all(each.example and each.advice for code, each in checks.items() if code.startswith(("SQL", "ENV")))
