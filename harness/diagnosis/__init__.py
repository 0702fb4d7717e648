"""From facts to findings: what is wrong, why, and how to mend it. Pure."""
