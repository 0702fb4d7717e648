"""An engine and both services as one thing."""

from harness.stack.lifecycle import attach, down, ephemeral, up
from harness.stack.running import Stack
from harness.stack.runs import keep_run, run_stack, sweep_runs

__all__ = ["Stack", "attach", "down", "ephemeral", "keep_run", "run_stack", "sweep_runs", "up"]
