"""What goes wrong while a file is read.

The messages name the file, the byte offset, what was expected and what was found. `core.errors` derives TensorFlow's classes of
the same names from these (formats is the leftmost package), so `except tf.errors.DataLossError` catches what a reader raises.
"""


class FormatError(Exception):
    """A file cannot be read, or what should be written does not fit the format."""


class DataLossError(FormatError):
    """The bytes are damaged: a checksum fails, the file is cut, a length points past its end, a message does not parse."""


class TruncatedError(DataLossError):
    """The file ends inside a record. A reader of a file that is still being written waits and tries again."""


class InvalidFileError(FormatError):
    """The bytes are sound but what they say cannot be: a negative dimension, a duplicate name, an unknown field."""


class TensorNotFoundError(InvalidFileError, LookupError):
    """A checkpoint has no tensor of that name."""
