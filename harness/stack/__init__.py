"""An engine and both services as one thing."""

from harness.stack.lifecycle import attach, down, ephemeral, up
from harness.stack.running import Stack

__all__ = ["Stack", "attach", "down", "ephemeral", "up"]
