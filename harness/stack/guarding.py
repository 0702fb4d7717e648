"""What must not be lost: data in a stack that are not the ones about to be loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.dataset import Dataset
    from harness.stack.running import Stack
    from harness.stores.registry import Stores


def refuse_others_data(stack: Stack, stores: Stores, dataset: Dataset) -> None:
    """Raise UsageError when the tables hold anything that isn't in the dataset: it would be lost."""
    wanted = dataset.table_digests()
    foreign = {name: held for name, held in stores.digests(dataset).items() if held.count and held != wanted[name]}
    if foreign:
        held = ", ".join(f"{name}: {digest.count}" for name, digest in foreign.items())
        theirs = "harness seed --replace" if stack.engine == "external" else "harness reset"
        raise UsageError(
            f"the {stack.engine} stack holds data that are not this seed's ({held}), and this would replace them",
            hint=f"{theirs} does so; harness run --fresh leaves them alone and makes a stack of its own",
        )
