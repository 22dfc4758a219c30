"""The order of packages, no cycles, imports at the top, the length of files: read from the sources of all packages."""
import statistics

from tools.structure import FIRST_USE, ROOT, against_order, cycles, imports, lazy_lines, lengths

FOUND = imports()


def test_packages_import_to_the_left_only():
    assert [str(item) for item in against_order(FOUND)] == []


def test_modules_named_by_strings_count_as_imports():
    named = {(item.importer, item.imported) for item in FOUND if item.named and item.lazy}
    assert {("graphflow.runtime.session", "graphflow.plan.segments"), ("graphflow.viewer.routes", "graphflow.viewer.visible"),
            ("graphflow.runtime.engines", "graphflow.runtime.engines.numpy_engine")} <= named


def test_modules_do_not_import_each_other_in_circles():
    assert cycles(FOUND) == []


def test_an_import_inside_a_function_says_what_it_saves():
    lines = [(str(path.relative_to(ROOT)), line, text) for path, line, text in lazy_lines(FOUND)]
    assert [f"{path}:{line}: {text.strip()}" for path, line, text in lines if FIRST_USE not in text] == []


def test_imports_inside_functions_are_rare():
    assert 1000 * len(lazy_lines(FOUND)) / sum(lengths().values()) <= 1


def test_no_file_has_more_than_400_lines():
    assert {str(path.relative_to(ROOT)): size for path, size in lengths().items() if size > 400} == {}


def test_the_median_file_has_between_60_and_150_lines():
    assert 60 <= statistics.median(size for path, size in lengths().items() if path.name != "__init__.py") <= 150
