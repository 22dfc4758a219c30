"""The text of programs: encodings, notebooks, Python 2."""
import json

import pytest

from graphflow.commands import source
from graphflow.commands.source import Cell


def test_encodings():
    assert source.decoded("x = 'é'\r\n".encode()) == "x = 'é'\n"
    assert source.decoded("# -*- coding: latin-1 -*-\nx = 'é'".encode("latin-1")).endswith("'é'")
    assert source.decoded("x = 'é'".encode("latin-1")) == "x = 'é'"
    assert source.decoded(b"\xef\xbb\xbfx = 1") == "x = 1"


def test_magics_become_lines_that_do_nothing():
    cell = "%matplotlib inline\nfiles = !ls\nif x:\n    %time f()\nhelp?\ny = 5 % 3\ntext = '''\n%kept\n'''\n!pip install x"
    assert source.plain(cell) == "pass\nfiles = []\nif x:\n    pass\npass\ny = 5 % 3\ntext = '''\n%kept\n'''\npass"
    assert source.plain("%%bash\nls") == ""
    assert source.plain("%%time\nf()") == "pass\nf()"


def test_notebooks_of_both_formats(tmp_path):
    new = {"cells": [{"cell_type": "code", "source": "a = 1\n"}, {"cell_type": "raw", "source": "x"},
                     {"cell_type": "code", "source": ["b\n", "c"]}]}
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": ["a = 1"]}]}]}
    for name, book, texts in (("new", new, ["a = 1\n", "b\nc"]), ("old", old, ["a = 1"])):
        path = tmp_path / f"{name}.ipynb"
        path.write_text(json.dumps(book))
        assert [cell.text for cell in source.notebook_cells(path)] == texts
    path.write_text("{}")
    with pytest.raises(ValueError, match="is no notebook"):
        source.notebook_cells(path)


def run2(text):
    tree = source.parse(Cell("old.py", text), py2=True)
    values = {source.DIVIDE: source.divided}
    exec(compile(tree, "old.py", "exec"), values)
    return values


def test_python_2_runs_as_it_did():
    values = run2("""
d = {'a': 7}
print 'x', d
n = [k for k, v in d.iteritems()] + map(str, xrange(2))
\tif_tab = 1
half, exact = 7 / 2, 7.0 / 2
""".replace("\tif_tab = 1", "if 1:\n\tb = 1\n        \n        c = 2"))
    assert values["n"] == ["a", "0", "1"] and values["half"] == 3 and values["exact"] == 3.5 and values["c"] == 2
    assert run2("from __future__ import division, print_function\nhalf = 7 / 2\nprint('a', 'b', sep='-')\n")["half"] == 3.5


def test_a_text_that_is_no_python_3_is_told_apart():
    with pytest.raises(source.Python2Error):
        source.parse(Cell("old.py", "print 'x'"))
