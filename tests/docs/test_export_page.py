"""docs/export.md shows what its program writes."""
import re
from pathlib import Path

import graphflow as tf

PAGE = Path(__file__).parents[2] / "docs" / "export.md"


def test_the_page_shows_what_its_program_writes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ((program, shown),) = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    with tf.Graph().as_default():
        exec(program, {})
    written = (tmp_path / "network.py").read_text(encoding="utf-8")
    assert written[written.index("@np.errstate"):] == shown
