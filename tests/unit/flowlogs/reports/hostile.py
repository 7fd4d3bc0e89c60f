"""Texts that nobody should write into a log, and any others that there may be."""

from hypothesis import strategies as st

HOSTILE = (
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "  =1", "\ufeff=1", "a;=1", "a\n=cmd|' /C calc'!A0",
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "'", '"', "</textarea></title></style><b>", "&amp;&lt;",
    "<!channel>", "<@U0123>", "<https://evil.example|here>", "@channel", "@here", "*bold* _it_ ~no~ `code`", "#general",
    "https://evil.example/", "line\nbreak", "line\r\nbreak", "\u2028\u2029\x0b\x0c\x85", "\u202egnp.exe", "\u2066x\u2069", "\u200b",
    "\x00", "\x1b[31m", "\uffff", "\ud7ff", "\U000e0041", "{{ 7*7 }}", "{% x %}", "${7*7}", "$x$ $y$", "\\", "_x", "%s", "NaN", "Infinity",
    "-Infinity", "1e999", "²", "١٢", "9" * 5000, "x" * 5000, "٠" * 400, "", " ", "-", "0x10", "1_000", "2026-13-45", "0001-01-01 00:00:00+14:00",
)  # fmt: skip

texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40), st.lists(st.sampled_from(HOSTILE[:55])).map("".join))
cells = st.one_of(st.none(), texts)
