"""`graphflow.ops.functions`: what gradients call."""
import pytest

from graphflow.ops import functions as F
from graphflow.ops.array.axes import Rank
from graphflow.ops.conv.conv import conv2d_transpose
from graphflow.ops.reduce.reduction import reduce_sum


def test_public_functions_are_found_by_the_last_part_of_their_name():
    assert F.reduce_sum is reduce_sum
    assert F.conv2d_transpose is conv2d_transpose


def test_op_classes_are_found_by_op_type():
    assert F.Rank is Rank


@pytest.mark.parametrize("name", ["no_such_function", "NoSuchOp", "neg", "global_variables_initializer", "_private"])
def test_old_names_other_packages_and_unknown_names_are_refused(name):
    with pytest.raises(AttributeError, match=name):
        getattr(F, name)
