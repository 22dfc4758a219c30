"""Assertions of tf.test.TestCase that need no session: on containers, texts and messages, and unittest's names of the TF1 years."""
from __future__ import annotations

import unittest
from collections.abc import Iterable, Mapping, Sized
from typing import Any

from google.protobuf import text_format


class PlainAssertions(unittest.TestCase):
    """What TF1's TestCase had from absl and from the unittest of its time (Python 3.12 dropped those names)."""

    def assertEmpty(self, container: Sized, msg: str | None = None) -> None:
        self.assertEqual(len(container), 0, msg or f"{container!r} is not empty")

    def assertNotEmpty(self, container: Sized, msg: str | None = None) -> None:
        self.assertNotEqual(len(container), 0, msg or f"{container!r} is empty")

    def assertLen(self, container: Sized, expected_len: int, msg: str | None = None) -> None:
        self.assertEqual(len(container), expected_len, msg or f"{container!r} has {len(container)} elements, not {expected_len}")

    def assertBetween(self, value: Any, minv: Any, maxv: Any, msg: str | None = None) -> None:
        self.assertTrue(minv <= value <= maxv, msg or f"{value!r} is not between {minv!r} and {maxv!r}")

    def assertStartsWith(self, actual: str, expected_start: str, msg: str | None = None) -> None:
        self.assertTrue(actual.startswith(expected_start), msg or f"{actual!r} does not start with {expected_start!r}")

    def assertEndsWith(self, actual: str, expected_end: str, msg: str | None = None) -> None:
        self.assertTrue(actual.endswith(expected_end), msg or f"{actual!r} does not end with {expected_end!r}")

    def assertSameElements(self, expected_seq: Iterable[Any], actual_seq: Iterable[Any], msg: str | None = None) -> None:
        """The same set of elements, however often each."""
        self.assertEqual(set(expected_seq), set(actual_seq), msg)

    def assertItemsEqual(self, expected_seq: Iterable[Any], actual_seq: Iterable[Any], msg: str | None = None) -> None:
        """The same elements as often, in any order."""
        self.assertCountEqual(expected_seq, actual_seq, msg)

    def assertContainsSubset(self, expected_subset: Iterable[Any], actual_set: Iterable[Any], msg: str | None = None) -> None:
        missing = set(expected_subset) - set(actual_set)
        self.assertFalse(missing, msg or f"missing: {missing}")

    def assertProtoEquals(self, expected_message_maybe_ascii: Any, message: Any, msg: str | None = None) -> None:
        """A protocol message equals another, or the text form of one."""
        expected = expected_message_maybe_ascii
        if isinstance(expected, str):
            expected = text_format.Parse(expected, type(message)())
        self.assertEqual(text_format.MessageToString(expected), text_format.MessageToString(message), msg)

    def assertRaisesWithLiteralMatch(self, expected_exception: Any, expected_exception_message: str, callable_obj: Any = None,
                                     *args: Any, **kwargs: Any) -> Any:
        """The body raises that exception with exactly that message."""
        checked = _LiteralMatch(self, expected_exception, expected_exception_message)
        if callable_obj is None:
            return checked
        with checked:
            callable_obj(*args, **kwargs)
        return None

    # unittest's names before Python 3.12
    assertEquals = unittest.TestCase.assertEqual
    assertNotEquals = unittest.TestCase.assertNotEqual
    assertAlmostEquals = unittest.TestCase.assertAlmostEqual
    assert_ = unittest.TestCase.assertTrue

    def assertRaisesRegexp(self, expected_exception: Any, expected_regex: Any, *args: Any, **kwargs: Any) -> Any:
        return self.assertRaisesRegex(expected_exception, expected_regex, *args, **kwargs)

    def assertRegexpMatches(self, text: Any, expected_regex: Any, msg: Any = None) -> None:
        self.assertRegex(text, expected_regex, msg)

    def assertDictContainsSubset(self, subset: Mapping[Any, Any], dictionary: Mapping[Any, Any], msg: Any = None) -> None:
        self.assertEqual({**dictionary, **subset}, dict(dictionary), msg)


class _LiteralMatch:
    """Context manager: exactly this message."""

    def __init__(self, case: unittest.TestCase, exception: Any, message: str):
        self.case, self.exception, self.message = case, exception, message

    def __enter__(self) -> _LiteralMatch:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        if kind is None:
            self.case.fail(f"{self.exception.__name__} not raised")
        if not issubclass(kind, self.exception):
            return False
        self.case.assertEqual(str(error), self.message)
        return True
