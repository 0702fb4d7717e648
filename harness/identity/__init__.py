"""Users who sign in: the local user pool, the tokens it gives, and what may be wrong with one."""
