"""The tf.errors family."""

import pickle

import pytest

from graphflow.core import errors
from graphflow.formats import errors as format_errors

CODES = {
    "CancelledError": 1, "UnknownError": 2, "InvalidArgumentError": 3, "DeadlineExceededError": 4, "NotFoundError": 5,
    "AlreadyExistsError": 6, "PermissionDeniedError": 7, "ResourceExhaustedError": 8, "FailedPreconditionError": 9,
    "AbortedError": 10, "OutOfRangeError": 11, "UnimplementedError": 12, "InternalError": 13, "UnavailableError": 14,
    "DataLossError": 15, "UnauthenticatedError": 16,
}


@pytest.mark.parametrize("name, code", list(CODES.items()))
def test_each_class_has_its_code(name, code):
    cls = getattr(errors, name)
    error = cls(None, None, "what happened")
    assert error.error_code == code and error.message == str(error) == "what happened"
    assert isinstance(error, errors.OpError) and error.op is None and error.node_def is None
    assert errors.exception_type_from_error_code(code) is cls
    assert errors.error_code_from_exception_type(cls) == code
    assert type(errors.make(code, "m")) is cls


@pytest.mark.parametrize("name", CODES)
def test_exceptions_survive_pickling(name):
    error = getattr(errors, name)(None, None, "text")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error) and copy.message == "text" and copy.error_code == error.error_code


def test_unknown_codes_and_classes():
    assert errors.make(99, "odd").error_code == 99
    with pytest.raises(KeyError):
        errors.exception_type_from_error_code(99)
    with pytest.warns(UserWarning, match="Unknown class exception"):
        assert isinstance(errors.error_code_from_exception_type(ValueError), errors.UnknownError)


def test_payloads():
    assert errors.OpError(None, None, "m", 5, {"a": 1}).experimental_payloads == {"a": 1}
    assert errors.NotFoundError(None, None, "m").experimental_payloads == {}


def test_a_damaged_file_is_a_data_loss_in_both_families():
    with pytest.raises(format_errors.DataLossError, match="bad"):
        raise errors.DataLossError(None, None, "bad")
    assert type(errors.of_file_error(format_errors.DataLossError("x"))) is errors.DataLossError
    assert type(errors.of_file_error(format_errors.InvalidFileError("x"))) is errors.InvalidArgumentError
    assert type(errors.of_file_error(FileNotFoundError("x"))) is errors.NotFoundError
    assert "ZeroDivisionError: x" in str(errors.of_file_error(ZeroDivisionError("x")))


def test_status_context_raises_the_exception_of_its_code():
    with pytest.raises(errors.NotFoundError, match="gone"):
        with errors.raise_exception_on_not_ok_status() as status:
            status.code, status.message = errors.NOT_FOUND, "gone"
    with errors.raise_exception_on_not_ok_status() as status:
        assert status.code == errors.OK
