"""The blocks of docs/walkthrough.md run in order and print what the page shows.

`python -m tests.docs.test_walkthrough` writes what they print now into the page.
"""
import contextlib
import io
import linecache
import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "walkthrough.md"
BLOCK = re.compile(r"```python\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)


def outputs(text):
    """[(shown, printed)] of each block."""
    import graphflow as tf
    tf.reset_default_graph()
    scope, found = {}, []
    for i, (code, shown) in enumerate(BLOCK.findall(text)):
        name = f"<walkthrough {i}>"
        linecache.cache[name] = (len(code), None, code.splitlines(True), name)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, name, "exec"), scope)
        found.append((shown, printed.getvalue()))
    return found


def test_the_page_shows_what_its_code_prints():
    found = outputs(PAGE.read_text(encoding="utf-8"))
    assert len(found) == 7
    for shown, printed in found:
        assert shown == printed


if __name__ == "__main__":
    page = PAGE.read_text(encoding="utf-8")
    for shown, printed in outputs(page):
        page = page.replace(f"```text\n{shown}```", f"```text\n{printed}```", 1)
    PAGE.write_text(page, encoding="utf-8")
