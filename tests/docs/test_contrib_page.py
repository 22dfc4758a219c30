"""docs/contrib.md: the names that it says are there are there."""
import re

import graphflow as tf
from tools import contrib_page


def test_names_that_the_page_lists_are_there():
    text = contrib_page.PAGE.read_text(encoding="utf-8").partition("## Names of these packages that are absent")[0]
    spaces = re.findall(r"### tf\.([\w.]+)\n\n(.*?)\n\n", f"{text}\n\n", re.S)
    assert len(spaces) > 20
    there = contrib_page.sections()
    missing = [f"{space}.{name}" for space, names in spaces for name in re.findall(r"`(\w+)`", names) if name not in there[space]]
    assert missing == []
    assert tf.contrib.slim.learning.train and "batch_norm" in there["contrib.layers"]


def test_names_that_the_page_lists_as_absent_are_known_and_absent():
    absent = contrib_page.absent(contrib_page.sections())
    assert "RevBlock" in absent["contrib.layers"] and not hasattr(tf.contrib.layers, "RevBlock")
    assert "batch_norm" not in absent["contrib.layers"]
