"""What runs inside a function's process, beside AWS's runtime client and the handler. Imports as little as it can."""
