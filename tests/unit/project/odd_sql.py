"""Texts made of what SQL is hard to split at."""

from __future__ import annotations

from hypothesis import strategies as st

ODD_SQL = st.lists(
    st.sampled_from([*"'\"$;(),:\\%eE \n\r\t-/*x1é\u2028\f", "$a$", "''", "--", "/*", "*/", "::", "COPY t FROM STDIN;", "\n\\.\n", "\\g", "E'"])
).map("".join)  # fmt: skip
