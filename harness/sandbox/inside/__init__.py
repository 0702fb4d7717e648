"""What runs in the helper process: it builds the sandbox around itself and starts the program in it.

The helper starts anew for every run, so these modules import little: no dataclasses (they load `inspect`), nothing
of the rest of the package.
"""
