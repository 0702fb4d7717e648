"""Running a handler as Lambda does: a process of its own, AWS's runtime client, a Runtime API on loopback."""
