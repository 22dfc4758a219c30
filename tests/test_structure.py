"""The order of packages, no cycles, imports at the top: read from the sources, those inside functions too."""
from tools.structure import FIRST_USE, ROOT, against_order, cycles, imports, lazy_lines, lengths

FOUND = imports()
VIEWER = ("graphflow/viewer/", "graphflow/commands/draw.py", "graphflow/commands/view.py")     # still to be brought in line


def of_viewer(path):
    return path.startswith(VIEWER)


def test_packages_import_to_the_left_only():
    assert [str(item) for item in against_order(FOUND)] == []


def test_modules_do_not_import_each_other_in_circles():
    assert [group for group in cycles(FOUND) if not all(name.startswith("graphflow.viewer.") for name in group)] == []
    assert cycles([item for item in FOUND if not item.lazy]) == []


def test_an_import_inside_a_function_says_what_it_saves():
    lines = [(str(path.relative_to(ROOT)), line, text) for path, line, text in lazy_lines(FOUND)]
    assert [f"{path}:{line}: {text.strip()}" for path, line, text in lines if FIRST_USE not in text and not of_viewer(path)] == []


def test_imports_inside_functions_are_rare():
    own = {path: size for path, size in lengths().items() if not of_viewer(str(path.relative_to(ROOT)))}
    lazy = [path for path, _, _ in lazy_lines(FOUND) if path in own]
    assert 1000 * len(lazy) / sum(own.values()) <= 1
