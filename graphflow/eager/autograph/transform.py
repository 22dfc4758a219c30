"""Rewriting the syntax tree of a function.

    if c: x = 1                     def body(): nonlocal x; x = 1
    else: x = 2             ->      def orelse(): nonlocal x; x = 2
                                    ag.if_(c, body, orelse, get, set, names)

`break`, `continue` and `return` become flags that guard what follows them. Loops become test and body in the same way as branches. A
name that is assigned somewhere in the function begins as `ag.Undefined`.
"""
from __future__ import annotations

import ast
import itertools
from collections.abc import Iterable
from typing import Any

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def rewrite(node: ast.FunctionDef, owner: str | None, module: str) -> ast.FunctionDef:
    """The function's definition, rewritten. owner: the class that it is a method of, for names like `__x`. module: what `ag` is called."""
    if owner is not None:
        node = _Mangled(owner).visit(node)
    return _Function(module, itertools.count()).function(node)


class _Mangled(ast.NodeTransformer):
    def __init__(self, owner: str):
        self.prefix = "_" + owner.lstrip("_")

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        self.generic_visit(node)
        if node.attr.startswith("__") and not node.attr.endswith("__"):
            node.attr = self.prefix + node.attr
        return node


class _Function:
    """Rewrites one function; those inside of it have a `_Function` each."""

    def __init__(self, module: str, numbers: Any):
        self.module, self.numbers = module, numbers
        self.returns: str | None = None
        self.fixed: set[str] = set()

    # -- small parts --------------------------------------------------------------------------------------------------
    def fresh(self, what: str) -> str:
        return f"{what}__{next(self.numbers)}"

    def ag(self, name: str, *arguments: ast.expr) -> ast.Call:
        return ast.Call(ast.Attribute(_load(self.module), name, ast.Load()), list(arguments), [])

    # -- the function -------------------------------------------------------------------------------------------------
    def function(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """The definition with its statements rewritten."""
        if any(isinstance(n, (ast.Yield, ast.YieldFrom, ast.Await)) for n in _walk(node.body)):
            return node                                    # generators and coroutines stay
        self.fixed = {name for n in _walk(node.body) if isinstance(n, (ast.Global, ast.Nonlocal)) for name in n.names}
        early = any(isinstance(n, ast.Return) for s in node.body if not isinstance(s, ast.Return) for n in _walk([s]))
        body = node.body
        start: list[ast.stmt] = []
        end: list[ast.stmt] = []
        if early:
            self.returns, self.value = self.fresh("returned"), self.fresh("value")
            start = [_assign(self.returns, ast.Constant(False)), _assign(self.value, self.ag("unset"))]
            end = [ast.Return(self.ag("result", _load(self.value), _load(self.returns), ast.Constant(_returns(node.body))))]
        body = self.block(body)
        given = node.args
        arguments = {a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg) if a}
        names = sorted(_stored(body) - arguments - self.fixed - {self.returns})
        undefined = [_assign(n, self.ag("Undefined", ast.Constant(n))) for n in names if n != getattr(self, "value", None)]
        doc = body[:1] if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant) else []
        node.body = [*doc, *undefined, *start, *body[len(doc):], *end]
        return node

    def block(self, statements: Iterable[ast.stmt]) -> list[ast.stmt]:
        """Statements rewritten; what follows one that may have returned, broken or continued is guarded by its flags."""
        found: list[ast.stmt] = []
        statements = list(statements)
        for i, statement in enumerate(statements):
            flags = self.leaves(statement)
            found.extend(self.statement(statement))
            rest = statements[i + 1:]
            if isinstance(statement, (ast.Return, ast.Break, ast.Continue)):
                break
            if flags and rest:
                guard: ast.expr = ast.UnaryOp(ast.Not(), _any([_load(f) for f in flags]))
                found.extend(self.branch(self.expression(guard), self.block(rest), []))
                break
        return found or [ast.Pass()]

    def leaves(self, statement: ast.stmt) -> list[str]:
        """The flags that a statement may set: of the function's return, of the loop around it."""
        if isinstance(statement, (ast.Return, ast.Break, ast.Continue)):
            return []
        flags: dict[str, None] = {}
        if self.returns and any(isinstance(n, ast.Return) for n in _walk([statement])):
            flags[self.returns] = None
        for n in _of_loop(statement):
            flags[self.loops[-1][0] if isinstance(n, ast.Break) else self.loops[-1][1]] = None
        return list(flags)

    loops: list[tuple[str, str]] = []

    # -- statements ---------------------------------------------------------------------------------------------------
    def statement(self, node: ast.stmt) -> list[ast.stmt]:
        name = type(node).__name__
        special = getattr(self, f"on_{name}", None)
        found = special(node) if special else self.plain(node)
        for made in found:
            for inner in ast.walk(made):
                if not hasattr(inner, "lineno") and isinstance(inner, (ast.stmt, ast.expr)):
                    ast.copy_location(inner, node)
        return found

    def plain(self, node: ast.stmt) -> list[ast.stmt]:
        """A statement of another kind: its expressions and blocks rewritten."""
        for field, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                setattr(node, field, self.block(value))
            elif isinstance(value, list):
                setattr(node, field, [self.part(v) for v in value])
            elif isinstance(value, ast.AST):
                setattr(node, field, self.part(value))
        return [node]

    def part(self, value: Any) -> Any:
        if isinstance(value, ast.expr):
            return self.expression(value)
        if isinstance(value, ast.AST):
            self.plain(value)  # type: ignore[arg-type]
        return value

    def expression(self, node: Any) -> Any:
        return _Expressions(self).visit(node)

    def on_FunctionDef(self, node: ast.FunctionDef) -> list[ast.stmt]:
        node.decorator_list = [self.expression(d) for d in node.decorator_list]
        return [_Function(self.module, self.numbers).function(node)]

    def on_ClassDef(self, node: ast.ClassDef) -> list[ast.stmt]:
        return [node]

    def on_Return(self, node: ast.Return) -> list[ast.stmt]:
        value = ast.Constant(None) if node.value is None else self.expression(node.value)
        if self.returns is None:
            return [ast.Return(value)]
        return [_assign(self.value, value), _assign(self.returns, ast.Constant(True))]

    def on_Break(self, node: ast.Break) -> list[ast.stmt]:
        return [_assign(self.loops[-1][0], ast.Constant(True))]

    def on_Continue(self, node: ast.Continue) -> list[ast.stmt]:
        return [_assign(self.loops[-1][1], ast.Constant(True))]

    def on_Assert(self, node: ast.Assert) -> list[ast.stmt]:
        message = ast.Constant(None) if node.msg is None else self.expression(node.msg)
        return [ast.Expr(self.ag("assert_", self.expression(node.test), _thunk(message)))]

    def on_If(self, node: ast.If) -> list[ast.stmt]:
        return self.branch(self.expression(node.test), self.block(node.body), self.block(node.orelse) if node.orelse else [])

    def branch(self, test: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt]) -> list[ast.stmt]:
        """A call of `if_` with statements that are rewritten already."""
        names = self.state(body + orelse)
        then, other = self.fresh("then"), self.fresh("orelse")
        accessors, get, put = self.accessors(names)
        return [self.define(then, body, names), self.define(other, orelse or [ast.Pass()], names), *accessors,
                ast.Expr(self.ag("if_", test, _load(then), _load(other), _load(get), _load(put), _names(names)))]

    def on_While(self, node: ast.While) -> list[ast.stmt]:
        start, body, flags = self.loop(node)
        test: ast.expr = self.expression(node.test)
        if flags:
            test = _Expressions(self).visit(ast.BoolOp(ast.And(), [ast.UnaryOp(ast.Not(), _any([_load(f) for f in flags])), test]))
        names = self.state(body)
        step, check = self.fresh("step"), self.fresh("check")
        accessors, get, put = self.accessors(names)
        made: list[ast.stmt] = [*start, self.define(step, body, names), self.define(check, [ast.Return(test)], []), *accessors,
                                ast.Expr(self.ag("while_", _load(check), _load(step), _load(get), _load(put), _names(names)))]
        return made + self.otherwise(node, flags)

    def on_For(self, node: ast.For) -> list[ast.stmt]:
        start, body, flags = self.loop(node)
        item = self.fresh("item")
        body = [ast.Assign([node.target], _load(item)), *body]
        names = self.state(body)
        step, check = self.fresh("step"), self.fresh("check")
        accessors, get, put = self.accessors(names)
        going: ast.expr = ast.Constant(None)
        checks: list[ast.stmt] = []
        if flags:
            test = _Expressions(self).visit(ast.UnaryOp(ast.Not(), _any([_load(f) for f in flags])))
            checks, going = [self.define(check, [ast.Return(test)], [])], _load(check)
        made: list[ast.stmt] = [*start, self.define(step, body, names, item), *checks, *accessors,
                                ast.Expr(self.ag("for_", self.expression(node.iter), going, _load(step), _load(get), _load(put),
                                                 _names(names)))]
        return made + self.otherwise(node, flags)

    def loop(self, node: ast.While | ast.For) -> tuple[list[ast.stmt], list[ast.stmt], list[str]]:
        """What comes before a loop, its body rewritten, and the flags that end it."""
        broke, continued = self.fresh("broke"), self.fresh("continued")
        said = [s for s in node.body if _is_directive(s)]
        node.body = [s for s in node.body if s not in said] or [ast.Pass()]
        leaving = [n for statement in node.body for n in _of_loop(statement)]
        before, self.loops = self.loops, [*self.loops, (broke, continued)]
        body = self.block(node.body)
        self.loops = before
        flags = [broke] if any(isinstance(n, ast.Break) for n in leaving) else []
        start: list[ast.stmt] = [_assign(broke, ast.Constant(False))] if flags else []
        if any(isinstance(n, ast.Continue) for n in leaving):
            start.append(_assign(continued, ast.Constant(False)))
            body = [_assign(continued, ast.Constant(False)), *body]
        if self.returns and any(isinstance(n, ast.Return) for n in _walk(node.body)):
            flags.append(self.returns)
        return [*said, *start], body, flags

    def otherwise(self, node: ast.While | ast.For, flags: list[str]) -> list[ast.stmt]:
        """The `else` of a loop: where nothing left it early."""
        if not node.orelse:
            return []
        rest = self.block(node.orelse)
        return self.branch(self.expression(ast.UnaryOp(ast.Not(), _any([_load(f) for f in flags]))), rest, []) if flags else rest

    # -- what branches and loops share --------------------------------------------------------------------------------
    def state(self, statements: list[ast.stmt]) -> list[str]:
        """The names that statements assign, of this function."""
        return sorted(_stored(statements) - self.fixed)

    def define(self, name: str, body: list[ast.stmt], names: list[str], *arguments: str) -> ast.FunctionDef:
        declared: list[ast.stmt] = [ast.Nonlocal(list(names))] if names else []
        return _def(name, [*declared, *body], *arguments)

    def accessors(self, names: list[str]) -> tuple[list[ast.stmt], str, str]:
        """Functions that read and set the names, as a tuple."""
        get, put = self.fresh("get"), self.fresh("put")
        reads = ast.Return(ast.Tuple([_load(n) for n in names], ast.Load()))
        writes: list[ast.stmt] = [ast.Nonlocal(list(names)), ast.Assign([ast.Tuple([ast.Name(n, ast.Store()) for n in names], ast.Store())],
                                                                        _load("values"))] if names else [ast.Pass()]
        return [_def(get, [reads]), _def(put, writes, "values")], get, put


class _Expressions(ast.NodeTransformer):
    """and, or, not, chains of comparisons, conditional expressions and calls."""

    def __init__(self, function: _Function):
        self.function, self.ag = function, function.ag

    def visit_BoolOp(self, node: ast.BoolOp) -> Any:
        self.generic_visit(node)
        return self.ag("and_" if isinstance(node.op, ast.And) else "or_", *[_thunk(v) for v in node.values])

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        self.generic_visit(node)
        return self.ag("not_", node.operand) if isinstance(node.op, ast.Not) else node

    def visit_Compare(self, node: ast.Compare) -> Any:
        self.generic_visit(node)
        if len(node.ops) == 1:
            kind = type(node.ops[0])
            if kind in (ast.Eq, ast.NotEq):
                return self.ag("eq" if kind is ast.Eq else "not_eq", node.left, node.comparators[0])
            return node
        if any(isinstance(n, (ast.Call, ast.Await, ast.NamedExpr)) for middle in node.comparators[:-1] for n in ast.walk(middle)):
            return node                          # the middle would be computed twice
        operands = [node.left, *node.comparators]
        parts = [self.visit_Compare(ast.Compare(a, [op], [b])) for a, op, b in zip(operands, node.ops, operands[1:])]
        return self.ag("and_", *[_thunk(p) for p in parts])

    def visit_IfExp(self, node: ast.IfExp) -> Any:
        self.generic_visit(node)
        return self.ag("if_expression", node.test, _thunk(node.body), _thunk(node.orelse))

    def visit_Call(self, node: ast.Call) -> Any:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in ("super", "locals", "globals", "vars", "eval", "exec"):
            return node
        node.func = self.ag("call", node.func)
        return node


# -- looking ---------------------------------------------------------------------------------------------------------------
def _walk(nodes: Iterable[ast.AST]) -> Iterable[ast.AST]:
    """All nodes of a function, those of functions inside of it left out."""
    for node in nodes:
        yield node
        if not isinstance(node, _SCOPES):
            yield from _walk(ast.iter_child_nodes(node))


def _of_loop(statement: ast.AST) -> Iterable[ast.AST]:
    """The `break` and `continue` in a statement that belong to the loop around it."""
    if isinstance(statement, (ast.Break, ast.Continue)):
        yield statement
    elif isinstance(statement, (ast.For, ast.While)):
        for inner in statement.orelse:
            yield from _of_loop(inner)
    elif not isinstance(statement, _SCOPES):
        for child in ast.iter_child_nodes(statement):
            yield from _of_loop(child)


def _is_directive(statement: ast.stmt) -> bool:
    """Whether a statement of a loop's body is about the loop: it is done before it."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    function = call.func if isinstance(call, ast.Call) else None
    return (function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")) == "set_loop_options"


def _stored(statements: Iterable[ast.AST]) -> set[str]:
    """The names that statements bind."""
    found: set[str] = set()
    for node in _walk(statements):
        if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
            found.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            if not any(node.name.startswith(p) for p in _OURS):
                found.add(node.name)
            elif isinstance(node, ast.FunctionDef):
                declared = [n for s in node.body if isinstance(s, ast.Nonlocal) for n in s.names]
                found.update(declared)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found.update((a.asname or a.name).partition(".")[0] for a in node.names)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
    return found


def _returns(statements: list[ast.stmt]) -> bool:
    """Whether control never leaves statements at their end."""
    for s in statements:
        if isinstance(s, (ast.Return, ast.Raise)):
            return True
        if isinstance(s, ast.If) and s.orelse and _returns(s.body) and _returns(s.orelse):
            return True
        if isinstance(s, ast.With) and _returns(s.body):
            return True
        if isinstance(s, ast.Try) and (_returns(s.finalbody) or (
                _returns(s.body + s.orelse) and all(_returns(h.body) for h in s.handlers))):
            return True
        if isinstance(s, ast.While) and isinstance(s.test, ast.Constant) and s.test.value and not any(
                isinstance(n, ast.Break) for inner in s.body for n in _of_loop(inner)):
            return True
    return False


_OURS = ("then__", "orelse__", "step__", "check__", "get__", "put__")


# -- making ----------------------------------------------------------------------------------------------------------------
def _load(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _assign(name: str, value: ast.expr) -> ast.Assign:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _names(names: list[str]) -> ast.Tuple:
    return ast.Tuple([ast.Constant(n) for n in names], ast.Load())


def _any(values: list[ast.expr]) -> ast.expr:
    return values[0] if len(values) == 1 else ast.BoolOp(ast.Or(), values)


def _thunk(value: ast.expr) -> ast.Lambda:
    return ast.Lambda(ast.arguments([], [], None, [], [], None, []), value)


def _def(name: str, body: list[ast.stmt], *arguments: str) -> ast.FunctionDef:
    made = ast.parse(f"def {name}({', '.join(arguments)}):\n    pass").body[0]
    assert isinstance(made, ast.FunctionDef)
    for node in ast.walk(made):                 # it stands where the statement does that it is made for
        for attribute in ("lineno", "end_lineno", "col_offset", "end_col_offset"):
            node.__dict__.pop(attribute, None)
    made.body = body
    return made
