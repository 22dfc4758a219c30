"""Graphs that TensorFlow wrote with its control flow v1 (Switch, Merge, Enter, Exit, stacks, TensorArrays) give its values here."""
import pytest

from tests.ops.control_flow import imported, programs, random_programs, random_v1_programs, v1_programs

SOURCES = programs, random_programs, random_v1_programs, v1_programs
MODULES = [m.__name__ for m in SOURCES]
NAMES = [name for m in SOURCES for name in sorted(vars(m)) if name.startswith("program_")]


@pytest.fixture(scope="module")
def theirs(tensorflow_python, tmp_path_factory):
    return imported.from_tensorflow(tensorflow_python, tmp_path_factory.mktemp("imported"), *MODULES)


@pytest.mark.oracle
def test_most_programs_can_be_had(theirs):
    found = theirs[0]
    assert set(found) == set(NAMES)
    assert sum("refused" not in names for names in found.values()) >= 200


@pytest.mark.oracle
@pytest.mark.parametrize("name", NAMES)
def test_imported_programs_give_tensorflows_values(name, theirs):
    if "refused" in theirs[0][name]:
        pytest.skip(f"TensorFlow: {theirs[0][name]['refused']}")
    imported.check(*theirs, name)
