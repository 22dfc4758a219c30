"""The order of packages, no cycles, imports at the top: read from the sources of all packages, the imports inside functions too."""
from tools.structure import FIRST_USE, ROOT, against_order, cycles, imports, lazy_lines, lengths

FOUND = imports()


def test_packages_import_to_the_left_only():
    assert [str(item) for item in against_order(FOUND)] == []


def test_modules_do_not_import_each_other_in_circles():
    assert cycles(FOUND) == []


def test_an_import_inside_a_function_says_what_it_saves():
    lines = [(str(path.relative_to(ROOT)), line, text) for path, line, text in lazy_lines(FOUND)]
    assert [f"{path}:{line}: {text.strip()}" for path, line, text in lines if FIRST_USE not in text] == []


def test_imports_inside_functions_are_rare():
    assert 1000 * len(lazy_lines(FOUND)) / sum(lengths().values()) <= 1
