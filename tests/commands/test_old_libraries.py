"""Names that libraries have dropped answer for a program that `graphflow run` runs, and for that alone."""
import collections
import time
import warnings

import numpy as np
import pytest

from graphflow.commands import old_libraries
from graphflow.commands.old_libraries import numpy_names, plain_names, scipy_names, versions
from graphflow.commands.old_libraries.numpy_names import old_attribute


def program(text, **values):
    """The names of a program's module after it ran."""
    values["__builtins__"] = old_libraries.script_builtins()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)    # of modules that will be gone
        exec(text, values)
    return values


def test_numpys_old_names():
    values = program("import numpy as np\nfrom numpy import product\n"
                     "a = [np.int(2.5), np.float(1), np.Inf, np.float_(2), np.asscalar(np.array([3])), product([2, 3]), np.rank([[1]])]")
    assert values["a"] == [2, 1.0, np.inf, 2.0, 3, 6, 2]
    assert not hasattr(np, "asscalar")


def test_rows_of_different_lengths_are_an_array_of_objects():
    values = program("import numpy as np\na = np.array([[1, 2], [3]])\nb = np.asarray([1, 2])")
    assert values["a"].dtype == object and values["b"].tolist() == [1, 2]
    with pytest.raises(ValueError, match="inhomogeneous"):
        program("import numpy as np\nnp.array([[1, 2], [3]], dtype=int)")
    with pytest.raises(ValueError, match="inhomogeneous"):
        np.array([[1, 2], [3]])


def test_texts_of_bytes_become_arrays_of_their_own():
    a = program("import numpy as np\na = np.fromstring(b'\\x01\\x02', np.uint8)\na[0] = 5\nb = np.fromstring('1 2', sep=' ')")
    assert a["a"].tolist() == [5, 2] and a["b"].tolist() == [1.0, 2.0]


def test_pickled_objects_are_read_only_when_allowed(tmp_path, monkeypatch):
    np.save(tmp_path / "a.npy", np.array([{"w": 1}, None]), allow_pickle=True)
    text = "import numpy as np\na = np.load(path)"
    with pytest.raises(ValueError, match="allow_pickle=False"):
        program(text, path=tmp_path / "a.npy")
    monkeypatch.setattr(numpy_names, "allow_pickle", True)
    assert program(text, path=tmp_path / "a.npy")["a"][0] == {"w": 1}


@pytest.mark.filterwarnings("ignore:tostring:DeprecationWarning")
def test_methods_that_are_gone():
    a = np.array([[1, 5], [2, 2]], np.uint8)
    assert old_attribute(a, "tostring")() == b"\x01\x05\x02\x02"
    assert old_attribute(a, "ptp")(axis=1).tolist() == [4, 0]
    old_attribute(a, "itemset")((0, 0), 9)
    assert a[0, 0] == 9
    assert old_attribute(np.array([1], "<i2"), "newbyteorder")()[0] == 256

    class Mine:
        ptp = 3
    assert old_attribute(Mine(), "ptp") == 3
    with pytest.raises(AttributeError, match="tostring"):
        old_attribute(Mine(), "tostring")


def test_the_standard_librarys_old_names():
    values = program("import time, collections, inspect\nfrom collections import Mapping\nfrom fractions import gcd\n"
                     "a = [time.clock() >= 0, isinstance({}, Mapping), gcd(4, 6), inspect.getargspec(lambda x, *y: 0).varargs]")
    assert values["a"] == [True, True, 2, "y"]
    assert not hasattr(time, "clock") and not hasattr(collections, "Mapping")


def test_what_a_program_sets_on_a_library_is_set_there():
    try:
        program("import time\ntime.extra = 3\nassert time.extra == 3")
        assert time.extra == 3
    finally:
        del time.extra


def test_modules_that_are_gone():
    values = program("import imp\nfrom distutils.version import LooseVersion\nimport xml.etree.cElementTree as ET\n"
                     "a = [LooseVersion('1.10') > LooseVersion('1.9'), ET.fromstring('<a/>').tag, imp.new_module('x').__name__]")
    assert values["a"] == [True, "a", "x"]
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        program("import no_such_module")
    with pytest.raises(ImportError, match="no_such_name"):
        program("from numpy import no_such_name")


def test_strict_versions():
    order = ["1.2b1", "1.2", "1.2.1", "1.10"]
    shuffled = ["1.10", "1.2", "1.2.1", "1.2b1"]
    assert sorted(shuffled, key=versions.StrictVersion) == order
    with pytest.raises(ValueError, match="invalid version"):
        versions.StrictVersion("1.x")


def test_images_of_scipy(tmp_path):
    image = np.arange(4 * 6 * 3, dtype=np.float64).reshape(4, 6, 3)
    values = program("import scipy.misc\nscipy.misc.imsave(path, image)\nread = scipy.misc.imread(path)\n"
                     "small = scipy.misc.imresize(image, (2, 3))\nhalf = scipy.misc.imresize(image, 50)",
                     path=tmp_path / "a.png", image=image)
    assert values["read"].shape == (4, 6, 3) and values["read"].min() == 0 and values["read"].max() == 255
    assert values["small"].shape == values["half"].shape == (2, 3, 3) and values["small"].dtype == np.uint8
    assert scipy_names.bytescale([[0.0, 0.5, 1.0]]).tolist() == [[0, 128, 255]]
    assert scipy_names.imrotate(np.eye(4), 180).tolist() == (np.eye(4) * 255).tolist()
    assert scipy_names.toimage(np.zeros((3, 5, 6))).size == (6, 5)


def test_scipy_passes_numpys_names_on():
    assert program("import scipy\na = scipy.zeros(2)\nb = scipy.logsumexp if hasattr(scipy, 'logsumexp') else None")["a"].tolist() == [0, 0]


def test_matplotlibs_old_names():
    values = program("import matplotlib.pyplot as plt\nimport matplotlib.cm as cm\n"
                     "plt.hold(True)\na = plt.ishold()\nb = cm.get_cmap('jet')")
    assert values["a"] is True and values["b"].name == "jet"
    assert "show" not in plain_names.pyplot()
