"""Handlers that take too long or too much, that end their process, or leave something behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from textwrap import dedent
from threading import Event
from typing import TYPE_CHECKING

import psutil
import pytest

if TYPE_CHECKING:
    from harness.streams.invocation import Result
    from tests.integration.streams.runtime.conftest import Deploy

ROOT = Path(__file__).parents[4]


def exit_error(result: Result, how: str) -> None:
    assert result.outcome == "function_error"
    assert result.error == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {result.request_id} Error: {how}",
    }


def runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_for_end(pid: int) -> None:
    psutil.wait_procs([process for process in psutil.process_iter() if process.pid == pid and runs(pid)], timeout=10)
    assert not runs(pid)


def test_t33_a_timeout_resets_globals_and_keeps_files(deploy: Deploy) -> None:
    deployed = deploy(
        """
        import os, threading
        count = 0
        def handler(event, context):
            global count
            count += 1
            if event["hang"]:
                open(event["file"], "w").close()
                print("before")
                threading.Event().wait(60)
            return [count, os.path.exists(event["file"]), context.log_stream_name]
        """,
        timeout=1,
    )
    file = str(deploy.folder / "kept")
    first = deployed.invoke(hang=False, file=file)
    hung = deployed.invoke(hang=True, file=file)
    assert hung.outcome == "function_error"
    assert hung.error == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {hung.request_id} Error: Task timed out after 1.00 seconds",
    }
    start, before, note, end, report = deployed.log[-5:]
    assert hung.request_id in start
    assert (before, note.partition(" ")[2]) == ("before", f"{hung.request_id} Task timed out after 1.00 seconds")
    assert end == f"END RequestId: {hung.request_id}"
    assert "\tDuration: 1000.00 ms\tBilled Duration: 1000 ms\t" in report
    assert report.endswith("\tStatus: timeout")
    after = deployed.invoke(hang=False, file=file)
    assert after.response == [1, True, first.response[2]]
    assert "Init Duration" not in deployed.log[-1]


@pytest.mark.parametrize(
    ("statement", "how"),
    [
        ("sys.exit(1)", "Runtime exited with error: exit status 1"),
        ("sys.exit()", "Runtime exited without providing a reason"),
        ("os._exit(3)", "Runtime exited with error: exit status 3"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "Runtime exited with error: signal: killed"),
        ("os.abort()", "Runtime exited with error: signal: aborted"),
        ("raise KeyboardInterrupt", "Runtime exited with error: signal: interrupt"),
    ],
)
def test_t35_a_handler_that_ends_its_process(deploy: Deploy, statement: str, how: str) -> None:
    deployed = deploy(f"""
        import os, signal, sys
        def handler(event, context):
            if event["end"]:
                {statement}
            return "still here"
    """)
    assert deployed.invoke(end=False).response == "still here"
    result = deployed.invoke(end=True)
    exit_error(result, how)
    assert f"RequestId: {result.request_id} Error: {how}\nRuntime.ExitError" in deployed.log
    assert deployed.log[-1].endswith("\tStatus: error\tError Type: Runtime.ExitError")
    assert deployed.invoke(end=False).response == "still here"


def test_an_exit_while_it_is_imported(deploy: Deploy) -> None:
    deployed = deploy("import sys\nsys.exit(4)")
    exit_error(deployed.invoke(), "Runtime exited with error: exit status 4")
    assert next(line for line in deployed.log if line.startswith("INIT_REPORT")).endswith("Runtime.ExitError")


def test_an_import_that_hangs_ends_with_the_function_time_out(deploy: Deploy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.streams.runtime.execution_environment._INIT_LIMIT", 0.3)
    deployed = deploy("import threading\nthreading.Event().wait(60)", timeout=1)
    error = deployed.invoke().error
    assert error is not None
    assert error["errorType"] == "Sandbox.Timedout"
    (init_report,) = [line for line in deployed.log if line.startswith("INIT_REPORT")]
    assert init_report.endswith("\tPhase: init\tStatus: timeout")


def test_an_import_that_is_only_slow_has_the_time_of_the_invocation(
    deploy: Deploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.streams.runtime.execution_environment._INIT_LIMIT", 0.001)
    deployed = deploy("def handler(event, context): return 'well'")
    assert deployed.invoke().response == "well"
    assert "Init Duration" not in deployed.log[-1]


@pytest.mark.parametrize("where", ["handler", "child"])
def test_more_memory_than_it_has(deploy: Deploy, where: str) -> None:
    deployed = deploy(f"""
        import os, sys, threading
        def handler(event, context):
            if not event["eat"]: return "slim"
            if {where == "child"} and os.fork(): threading.Event().wait(60)
            eaten = []
            while True: eaten.append(bytearray(10 << 20))
    """)
    assert deployed.invoke(eat=False).response == "slim"
    exit_error(deployed.invoke(eat=True), "Runtime exited with error: signal: killed")
    assert "\tMax Memory Used: 128 MB\tStatus: error\tError Type: Runtime.OutOfMemory" in deployed.log[-1]
    assert deployed.invoke(eat=False).response == "slim"


def test_a_peak_between_two_looks_counts_as_well(deploy: Deploy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.streams.runtime.process._TICK", 60.0)
    deployed = deploy("def handler(event, context): return len(bytearray(150 << 20))")
    exit_error(deployed.invoke(), "Runtime exited with error: signal: killed")


def test_a_process_that_died_between_two_invocations_is_replaced(deploy: Deploy) -> None:
    deployed = deploy("import os\ndef handler(event, context): return os.getpid()")
    pid = deployed.invoke().response
    os.kill(pid, signal.SIGKILL)
    wait_for_end(pid)
    assert deployed.invoke().response not in (None, pid)


@pytest.mark.parametrize("then", ["os._exit(5)", "threading.Event().wait(60)"])
def test_what_happens_after_the_answer_is_no_error_and_ends_the_process(deploy: Deploy, then: str) -> None:
    deployed = deploy(
        f"""
        import os, threading
        from awslambdaric.lambda_runtime_client import LambdaRuntimeClient
        def handler(event, context):
            if event["last"]: LambdaRuntimeClient.wait_next_invocation = lambda self: {then}
            return os.getpid()
        """,
        timeout=1,
    )
    last = deployed.invoke(last=True)
    assert last.ok
    assert deployed.invoke(last=False).response not in (None, last.response)


def test_a_response_may_have_6_mb_and_no_more(deploy: Deploy) -> None:
    deployed = deploy("def handler(event, context): return 'x' * event['size']", memory=256)
    assert len(deployed.invoke(size=6_291_554).response) == 6_291_554
    for _ in range(2):
        assert deployed.invoke(size=6_291_555).error == {
            "errorType": "Function.ResponseSizeTooLarge",
            "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
        }
    assert deployed.invoke(size=1).response == "x"


def test_an_event_may_have_6_mb_and_no_more(deploy: Deploy) -> None:
    deployed = deploy("def handler(event, context): return len(event['x'])", memory=256)
    assert deployed.invoke(x="x" * (6_291_456 - 8)).response == 6_291_448
    assert deployed.invoke(x="é" * (3_145_728 - 4)).response == 3_145_724
    result = deployed.invoke(x="x" * (6_291_456 - 7))
    assert result.outcome == "not_invoked"
    assert "6291457 byte payload is too large" in str(result.reason)


def test_megabytes_of_output_neither_block_nor_get_lost(deploy: Deploy) -> None:
    deployed = deploy(
        """
        def handler(event, context):
            for number in range(50_000): print(number, "x" * 100)
            print("y" * 3_000_000)
            return "done"
    """,
        timeout=60,
    )
    assert deployed.invoke().response == "done"
    *lines, long = deployed.printed
    assert lines == [f"{number} {'x' * 100}" for number in range(50_000)]
    assert len(long) < 300_000
    assert long.endswith(f"(cut: the line has {3_000_000 - 256 * 1024} bytes more)")


def test_output_without_end_meets_the_time_limit(deploy: Deploy) -> None:
    deployed = deploy("def handler(event, context):\n while True: print('x' * 1000)", timeout=1)
    error = deployed.invoke().error
    assert error is not None
    assert error["errorType"] == "Sandbox.Timedout"


def test_lines_are_in_the_log_while_the_handler_runs(deploy: Deploy) -> None:
    deployed = deploy(
        """
        import os, sys, threading
        def handler(event, context):
            print("first")
            print("second", file=sys.stderr)
            while not os.path.exists(event["file"]): threading.Event().wait(0.001)
            print("unfinished", end="")
    """,
        timeout=30,
    )
    seen = Event()
    append = deployed.log.append

    def watch(line: str) -> None:
        append(line)
        if line == "second":
            seen.set()

    deployed.function._log = watch
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(deployed.invoke, file=str(deploy.folder / "go"))
        assert seen.wait(20)
        assert deployed.printed == ["first", "second"]
        (deploy.folder / "go").touch()
        assert running.result().ok
    assert deployed.printed == ["first", "second", "unfinished"]
    assert deployed.log[-2].startswith("END")


@pytest.mark.parametrize(
    "statement", ["sys.stdout.close()", "os.close(1)", "os.close(2)", "os.close(1); os.close(2)", "os.closerange(0, 3)"]
)
def test_a_handler_that_closes_its_output(deploy: Deploy, statement: str) -> None:
    deployed = deploy(
        f"""
        import os, sys
        def handler(event, context):
            if event["close"]: {statement}
            return "done"
        """,
        timeout=10,
    )
    assert [deployed.invoke(close=close).response for close in (True, False)] == ["done", "done"]


def test_what_it_leaves_running_neither_hangs_nor_outlives_it(deploy: Deploy) -> None:
    deployed = deploy(
        """
        import os, subprocess, sys, threading, time
        def handler(event, context):
            threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
            threading.Thread(target=time.sleep, args=(60,)).start()
            print(os.getpid())
            child = os.fork()
            if not child: threading.Event().wait(60); os._exit(0)
            print(child)
            print(subprocess.Popen(["sleep", "60"]).pid)
            detached = "sleep 60 >/dev/null 2>&1 & echo $!"
            print(subprocess.check_output(["setsid", "sh", "-c", detached], text=True).strip())
            return "done"
    """,
        timeout=20,
    )
    assert deployed.invoke().response == "done"
    assert len(deployed.pids) == 4
    assert all(runs(pid) for pid in deployed.pids)
    assert deployed.invoke().response == "done"
    deployed.function.close()
    assert not any(runs(pid) for pid in deployed.pids)


def test_a_forked_child_that_answers_as_well_harms_nobody(deploy: Deploy) -> None:
    deployed = deploy(
        """
        import os
        def handler(event, context):
            if event["fork"]: os.fork()
            return "done"
    """,
        timeout=1,
    )
    deployed.invoke(fork=True)  # two processes on one connection: whatever comes of it, it comes to an end
    deployed.invoke(fork=False)
    deployed.function.close()


def test_what_a_thread_prints_later_belongs_to_the_next_invocation(deploy: Deploy) -> None:
    deployed = deploy("""
        import os, threading
        def later(go, done):
            os.read(go, 1)
            print("late")
            os.write(done, b"x")
        def handler(event, context):
            global go, done
            if event["first"]:
                (read, go), (done, write) = os.pipe(), os.pipe()
                threading.Thread(target=later, args=(read, write), daemon=True).start()
            else:
                os.write(go, b"x")
                os.read(done, 1)
    """)
    deployed.invoke(first=True)
    assert deployed.printed == []
    deployed.invoke(first=False)
    assert deployed.printed == ["late"]


def test_a_handler_that_talks_to_the_runtime_api_itself(deploy: Deploy) -> None:
    deployed = deploy("""
        import http.client, os
        def handler(event, context):
            answers = []
            for path, body in [("/harness/calls", "no json"), ("/harness/calls", '{"a": 1}'), ("/harness/calls", "[" * 90000),
                               ("/2018-06-01/runtime/init/error", "7"), ("/nowhere", ""),
                               ("/2018-06-01/runtime/invocation/other/response", "{}")]:
                connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
                try:
                    connection.request("POST", path, body)
                    answers.append(connection.getresponse().status)
                except (OSError, http.client.HTTPException):
                    answers.append(None)
                connection.close()
            return answers
    """)
    assert deployed.invoke().response == [None, None, None, None, 404, 400]
    assert deployed.invoke().calls == ()


def test_invocations_at_once_get_an_environment_each_and_the_last_used_is_used_first(deploy: Deploy) -> None:
    deployed = deploy(
        """
        import os, threading
        def handler(event, context):
            meet = event.get("meet")
            if meet:
                open(os.path.join(meet, context.aws_request_id), "w").close()
                while len(os.listdir(meet)) < 3: threading.Event().wait(0.001)
            return os.getpid()
    """,
        timeout=30,
    )
    meet = deploy.folder / "meet"
    meet.mkdir()
    with ThreadPoolExecutor(3) as pool:
        pids = [result.response for result in pool.map(lambda _: deployed.invoke(meet=str(meet)), range(3))]
    assert len(set(pids)) == 3
    again = {deployed.invoke().response for _ in range(5)}
    assert len(again) == 1
    assert again < set(pids)


def test_reserved_concurrency_throttles(deploy: Deploy) -> None:
    none = deploy("def handler(event, context): pass", reserved_concurrency=0)
    result = none.invoke()
    assert (result.outcome, none.log) == ("not_invoked", [])
    assert "TooManyRequestsException" in str(result.reason)
    one = deploy(
        """
        import os, threading
        def handler(event, context):
            if "file" in event:
                open(event["running"], "w").close()
                while not os.path.exists(event["file"]): threading.Event().wait(0.001)
        """,
        reserved_concurrency=1,
        timeout=30,
    )
    started = Event()
    one.function._log = lambda _line: started.set()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(one.invoke, file=str(deploy.folder / "go"), running=str(deploy.folder / "running"))
        assert started.wait(20)
        assert one.invoke().outcome == "not_invoked"
        (deploy.folder / "go").touch()
        assert running.result().ok
    assert one.invoke().ok


def test_the_next_invocations_can_be_throttled(deploy: Deploy) -> None:
    deployed = deploy("def handler(event, context): pass")
    deployed.function.throttle_next = 2
    assert [deployed.invoke().outcome for _ in range(3)] == ["not_invoked", "not_invoked", "returned"]


def test_closing_ends_what_is_under_way(deploy: Deploy) -> None:
    deployed = deploy(
        "import threading\ndef handler(event, context):\n print('in')\n threading.Event().wait(60)", timeout=60
    )
    started = Event()
    deployed.function._log = lambda line: started.set() if line == "in" else None
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(deployed.invoke)
        assert started.wait(20)
        deployed.function.close()
        exit_error(running.result(), "Runtime exited with error: signal: killed")
    with pytest.raises(RuntimeError, match="closed"):
        deployed.invoke()


def test_an_interrupted_invocation_leaves_no_process(deploy: Deploy) -> None:
    deployed = deploy(
        "import os, threading\ndef handler(event, context):\n print(os.getpid())\n threading.Event().wait(60)",
        timeout=60,
    )
    append = deployed.log.append

    def interrupt(line: str) -> None:
        append(line)
        if line.isdigit():
            raise KeyboardInterrupt

    deployed.function._log = interrupt
    with pytest.raises(KeyboardInterrupt):
        deployed.invoke()
    (pid,) = deployed.pids
    assert not runs(pid)


@pytest.mark.parametrize("doing", ["threading.Event().wait(600)", "re.match(r'(a+)+$', 'a' * 60 + 'b')"])
def test_nothing_outlives_a_harness_that_is_killed(deploy: Deploy, doing: str) -> None:
    (deploy.folder / "app.py").write_text(
        dedent(f"""
            import os, re, subprocess, threading
            def handler(event, context):
                child = subprocess.Popen(["sleep", "600"]).pid
                print(os.getpid(), child)
                {doing}
        """)
    )
    program = dedent(f"""
        from pathlib import Path
        from harness.streams.runtime.configuration import FunctionConfiguration
        from harness.streams.runtime.function import LambdaFunction
        configuration = FunctionConfiguration(name="f", code=Path({str(deploy.folder)!r}), handler="app.handler", timeout=900)
        LambdaFunction(configuration, log=lambda line: print(line, flush=True)).invoke({{}})
    """)
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) as harness:
        assert harness.stdout is not None
        assert harness.stdout.readline().startswith("START")
        pids = [int(pid) for pid in harness.stdout.readline().split()]
        assert len(pids) == 2
        assert all(runs(pid) for pid in pids)
        os.kill(harness.pid, signal.SIGKILL)
        for pid in pids:
            wait_for_end(pid)
