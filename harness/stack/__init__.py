"""An engine and both services as one thing."""

from harness.stack.finding import await_services
from harness.stack.lifecycle import attach, down, ephemeral, up
from harness.stack.running import Stack
from harness.stack.runs import keep_run, run_stack, sweep_runs

__all__ = ["Stack", "attach", "await_services", "down", "ephemeral", "keep_run", "run_stack", "sweep_runs", "up"]
