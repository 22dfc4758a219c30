"""Linear operators made of others: adjoint, inverse, product, blocks along a diagonal, Kronecker product."""
from __future__ import annotations

import functools
import itertools
from typing import Any

from ...core.export import export
from .. import functions as F
from .base import LinearOperator, joined_batch


def _all(hints: list[bool | None]) -> bool | None:
    return True if all(hints) else None


class _OfOne(LinearOperator):
    """An operator that stands for another one, with the same hints unless others are given."""

    def __init__(self, operator: LinearOperator, is_non_singular: bool | None = None, is_self_adjoint: bool | None = None,
                 is_positive_definite: bool | None = None, is_square: bool | None = None, name: str | None = None):
        self._operator = operator
        given = (is_non_singular, is_self_adjoint, is_positive_definite, is_square)
        its = (operator.is_non_singular, operator.is_self_adjoint, operator.is_positive_definite, operator.is_square)
        for what, mine, other in zip(("is_non_singular", "is_self_adjoint", "is_positive_definite", "is_square"), given, its):
            if mine is not None and other is not None and mine != other:
                raise ValueError(f"Operator and its {type(self).__name__[14:].lower()} differ in {what}: {other} and {mine}")
        a, b, c, d = [other if mine is None else mine for mine, other in zip(given, its)]
        super().__init__(operator.dtype, operator.graph_parents, a, b, c, d, name or f"{operator.name}_{self.ending}")

    ending = ""
    operator = property(lambda self: self._operator, doc="The operator that it is made of.")

    def _size(self) -> Any:
        size = self._operator._size()
        return None if size is None else (*size[:-2], size[-1], size[-2])

    def _sizes(self) -> Any:
        size = self._operator.shape_tensor()
        return F.concat([size[:-2], F.stack([size[-1], size[-2]])], 0)


@export("linalg.LinearOperatorAdjoint")
class LinearOperatorAdjoint(_OfOne):
    """A^H of an operator A."""
    ending = "adjoint"

    def adjoint(self, name: str = "adjoint") -> Any:
        """The operator itself."""
        return self._operator

    def _product(self, x: Any, adjoint: bool) -> Any:
        return self._operator._product(x, not adjoint)

    def _solution(self, rhs: Any, adjoint: bool) -> Any:
        return self._operator._solution(rhs, not adjoint)

    def _dense(self) -> Any:
        return F.adjoint(self._operator._dense())

    def _diagonal(self) -> Any:
        return F.conj(self._operator._diagonal())

    def _sum_of_diagonal(self) -> Any:
        return F.conj(self._operator._sum_of_diagonal())

    def _det(self) -> Any:
        return F.conj(self._operator._det())

    def _log_abs_det(self) -> Any:
        return self._operator._log_abs_det()


@export("linalg.LinearOperatorInversion")
class LinearOperatorInversion(_OfOne):
    """A^-1 of an operator A."""
    ending = "inv"

    def __init__(self, operator: LinearOperator, is_non_singular: bool | None = None, is_self_adjoint: bool | None = None,
                 is_positive_definite: bool | None = None, is_square: bool | None = None, name: str | None = None):
        if operator.is_square is False or operator.is_non_singular is False or is_non_singular is False:
            raise ValueError(f"operator and its inverse should have is_non_singular=True; {operator.name} has none")
        super().__init__(operator, True, is_self_adjoint, is_positive_definite, True, name)

    def inverse(self, name: str = "inverse") -> Any:
        """The operator itself."""
        return self._operator

    def _product(self, x: Any, adjoint: bool) -> Any:
        return self._operator._solution(x, adjoint)

    def _solution(self, rhs: Any, adjoint: bool) -> Any:
        return self._operator._product(rhs, adjoint)

    def _det(self) -> Any:
        return 1.0 / self._operator._det()

    def _log_abs_det(self) -> Any:
        return -1.0 * self._operator._log_abs_det()


class _OfSeveral(LinearOperator):
    """An operator of a list of operators of one dtype."""

    def __init__(self, operators: Any, hints: tuple[Any, Any, Any, Any], name: str):
        self._operators = list(operators)
        kinds = {operator.dtype for operator in self._operators}
        if len(kinds) > 1:
            raise TypeError(f"Expected all operators to have the same dtype. Found {[(o.name, o.dtype.name) for o in self._operators]}")
        parents = [tensor for operator in self._operators for tensor in operator.graph_parents]
        super().__init__(kinds.pop(), parents, hints[0], hints[1], hints[2], hints[3], name)

    operators = property(lambda self: self._operators, doc="The operators that it is made of.")

    def _known_batch(self) -> Any:
        sizes = [operator._size() for operator in self._operators]
        return None if None in sizes else functools.reduce(joined_batch, [size[:-2] for size in sizes])

    def _batch(self) -> Any:
        return functools.reduce(F.broadcast_dynamic_shape, [operator.shape_tensor()[:-2] for operator in self._operators])

    def _full(self, numbers: list[Any]) -> list[Any]:
        """Numbers of each operator's matrices, repeated to those of the whole batch."""
        if len({n.static for n in numbers}) == 1 and numbers[0].static is not None:
            return numbers
        return [F.broadcast_to(n, self._batch()) for n in numbers]


def _hints(operators: Any, given: tuple[Any, ...], names: tuple[str, ...]) -> tuple[Any, Any, Any, Any]:
    """The given hints; where there is none, True if all operators have it."""
    a, b, c, d = [_all([getattr(o, name) for o in operators]) if hint is None and name in names else hint
                  for hint, name in zip(given, ("is_non_singular", "is_self_adjoint", "is_positive_definite", "is_square"))]
    return a, b, c, d


@export("linalg.LinearOperatorComposition")
class LinearOperatorComposition(_OfSeveral):
    """The product of operators: A1 A2 ... AJ x."""

    def __init__(self, operators: Any, is_non_singular: bool | None = None, is_self_adjoint: bool | None = None,
                 is_positive_definite: bool | None = None, is_square: bool | None = None, name: str | None = None):
        operators = list(operators)
        if not operators:
            raise ValueError("Expected a non-empty list of operators. Found: []")
        for left, right in itertools.pairwise(operators):
            a, b = left._size() or (None, None), right._size() or (None, None)
            if None not in (a[-1], b[-2]) and a[-1] != b[-2]:
                raise ValueError(f"Operators are incompatible: {left.name} {left.shape} times {right.name} {right.shape}")
        hints = _hints(operators, (is_non_singular, is_self_adjoint, is_positive_definite, is_square), ("is_non_singular",))
        super().__init__(operators, hints, name or "_o_".join(o.name for o in operators))

    def _size(self) -> Any:
        batch = self._known_batch()
        return None if batch is None else (*batch, self._operators[0]._size()[-2], self._operators[-1]._size()[-1])

    def _sizes(self) -> Any:
        ends = F.stack([self._operators[0].range_dimension_tensor(), self._operators[-1].domain_dimension_tensor()])
        return F.concat([self._batch(), ends], 0)

    def _product(self, x: Any, adjoint: bool) -> Any:
        for operator in self._operators if adjoint else reversed(self._operators):
            x = operator._product(x, adjoint)
        return x

    def _solution(self, rhs: Any, adjoint: bool) -> Any:
        for operator in reversed(self._operators) if adjoint else self._operators:
            operator._invertible("solve")
            rhs = operator._solution(rhs, adjoint)
        return rhs

    def _det(self) -> Any:
        return functools.reduce(lambda a, b: a * b, [o.determinant() for o in self._operators])

    def _log_abs_det(self) -> Any:
        return functools.reduce(lambda a, b: a + b, [o.log_abs_determinant() for o in self._operators])


@export("linalg.LinearOperatorBlockDiag")
class LinearOperatorBlockDiag(_OfSeveral):
    """Operators along the diagonal, zero beside them."""

    def __init__(self, operators: Any, is_non_singular: bool | None = None, is_self_adjoint: bool | None = None,
                 is_positive_definite: bool | None = None, is_square: bool | None = True, name: str | None = None):
        operators = list(operators)
        if not operators:
            raise ValueError("Expected a non-empty list of operators. Found: []")
        if any(operator.is_square is False for operator in operators):
            raise ValueError("Can only represent a block diagonal of square matrices.")
        hints = _hints(operators, (is_non_singular, is_self_adjoint, is_positive_definite, is_square),
                       ("is_non_singular", "is_self_adjoint", "is_positive_definite"))
        super().__init__(operators, hints, name or "_ds_".join(o.name for o in operators))

    def _size(self) -> Any:
        batch = self._known_batch()
        if batch is None:
            return None
        rows = [operator._size()[-1] for operator in self._operators]
        whole = None if None in rows else sum(rows)
        return (*batch, whole, whole)

    def _sizes(self) -> Any:
        rows = F.add_n(self._rows())
        return F.concat([self._batch(), F.stack([rows, rows])], 0)

    def _rows(self) -> list[Any]:
        return [operator.domain_dimension_tensor() for operator in self._operators]

    def _by_block(self, x: Any, what: Any) -> Any:
        parts = [what(operator, part) for operator, part in zip(self._operators, F.split(x, F.stack(self._rows()), axis=-2))]
        columns = F.shape(x)[-1:]
        batch = functools.reduce(F.broadcast_dynamic_shape, [F.shape(part)[:-2] for part in parts])
        whole = [F.broadcast_to(part, F.concat([batch, F.shape(part)[-2:-1], columns], 0)) for part in parts]
        found = F.concat(whole, -2)
        size, known = self._size(), x.static
        if size is not None and known is not None:
            found.set_shape([*joined_batch(size[:-2], known[:-2]), size[-1], known[-1]])
        return found

    def _product(self, x: Any, adjoint: bool) -> Any:
        return self._by_block(x, lambda operator, part: operator._product(part, adjoint))

    def _solution(self, rhs: Any, adjoint: bool) -> Any:
        return self._by_block(rhs, lambda operator, part: operator._solution(part, adjoint))

    def _diagonal(self) -> Any:
        parts = [operator._diagonal() for operator in self._operators]
        return F.concat([F.broadcast_to(part, F.concat([self._batch(), F.shape(part)[-1:]], 0)) for part in parts], -1)

    def _det(self) -> Any:
        return functools.reduce(lambda a, b: a * b, self._full([o.determinant() for o in self._operators]))

    def _log_abs_det(self) -> Any:
        return functools.reduce(lambda a, b: a + b, self._full([o.log_abs_determinant() for o in self._operators]))


@export("linalg.LinearOperatorKronecker")
class LinearOperatorKronecker(_OfSeveral):
    """The Kronecker product of operators."""

    def __init__(self, operators: Any, is_non_singular: bool | None = None, is_self_adjoint: bool | None = None,
                 is_positive_definite: bool | None = None, is_square: bool | None = None, name: str | None = None):
        operators = list(operators)
        if not operators:
            raise ValueError("Expected a list of >=1 operators. Found: []")
        hints = _hints(operators, (is_non_singular, is_self_adjoint, is_positive_definite, is_square),
                       ("is_non_singular", "is_self_adjoint", "is_positive_definite", "is_square"))
        super().__init__(operators, hints, name or "_x_".join(o.name for o in operators))

    def _size(self) -> Any:
        batch = self._known_batch()
        if batch is None:
            return None
        return (*batch, *[functools.reduce(lambda a, b: None if None in (a, b) else a * b, [o._size()[axis] for o in self._operators])
                          for axis in (-2, -1)])

    def _sizes(self) -> Any:
        ends = functools.reduce(lambda a, b: a * b, [operator.shape_tensor()[-2:] for operator in self._operators])
        return F.concat([self._batch(), ends], 0)

    def _by_factor(self, x: Any, what: Any, taken: int) -> Any:
        """x with each factor applied along its own part of the rows. taken: the axis of a factor that x's rows belong to, -2 or -1."""
        batch = F.broadcast_dynamic_shape(self._batch(), F.shape(x)[:-2])
        columns, known, size = F.shape(x)[-1], x.static, self._size()
        y = F.broadcast_to(x, F.concat([batch, F.shape(x)[-2:]], 0))
        for operator in self._operators:            # the first part of the rows comes behind the columns, changed; then the next one
            y = F.reshape(y, F.concat([batch, F.stack([operator.shape_tensor()[taken], -1])], 0))
            y = F.matrix_transpose(what(operator, y))
        found = F.matrix_transpose(F.reshape(y, F.concat([batch, F.stack([columns, -1])], 0)))
        if size is not None and known is not None:
            found.set_shape([*joined_batch(size[:-2], known[:-2]), size[-3 - taken], known[-1]])
        return found

    def _product(self, x: Any, adjoint: bool) -> Any:
        return self._by_factor(x, lambda operator, part: operator._product(part, adjoint), -2 if adjoint else -1)

    def _solution(self, rhs: Any, adjoint: bool) -> Any:
        return self._by_factor(rhs, lambda operator, part: operator._solution(part, adjoint), -1 if adjoint else -2)

    def _counts(self) -> list[Any]:
        """How often the determinant of each factor is a factor of the whole's."""
        rows = [operator.domain_dimension_tensor() for operator in self._operators]
        return [functools.reduce(lambda a, b: a * b, rows) // n for n in rows]

    def _det(self) -> Any:
        parts = self._full([o.determinant() for o in self._operators])
        return functools.reduce(lambda a, b: a * b, [part ** F.cast(n, part.dtype) for part, n in zip(parts, self._counts())])

    def _log_abs_det(self) -> Any:
        parts = self._full([o.log_abs_determinant() for o in self._operators])
        return functools.reduce(lambda a, b: a + b, [part * F.cast(n, part.dtype) for part, n in zip(parts, self._counts())])

    def _sum_of_diagonal(self) -> Any:
        return functools.reduce(lambda a, b: a * b, self._full([o.trace() for o in self._operators]))
