"""Optimizers outside of the graph: tf.contrib.opt.ScipyOptimizerInterface runs scipy.optimize.minimize on a loss and its gradient."""
from __future__ import annotations

from typing import Any

import numpy as np

import graphflow as tf

from ...core.export import export


@export("contrib.opt.ExternalOptimizerInterface")
class ExternalOptimizerInterface:
    """Base class: subclasses minimize a function of one vector, in which all variables of var_list lie one behind the other.

    loss: a scalar tensor. var_list: variables (None: those that are trainable). equalities, inequalities: lists of tensors that shall be 0,
    or not negative. var_to_bounds: {variable: (low, high)}, numbers or arrays. optimizer_kwargs: for the optimizer.
    """

    def __init__(self, loss: Any, var_list: Any = None, equalities: Any = None, inequalities: Any = None, var_to_bounds: Any = None,
                 **optimizer_kwargs: Any):
        self._loss, self._kwargs = loss, optimizer_kwargs
        self._equalities, self._inequalities = list(equalities or []), list(inequalities or [])
        self._vars = tf.trainable_variables() if var_list is None else list(var_list)
        sizes = [v.shape.num_elements() for v in self._vars]
        if None in sizes:
            raise ValueError("All variables must have known shapes")
        self._places = np.cumsum([0, *sizes])
        self._bounds = self._packed_bounds(var_to_bounds or {}) if var_to_bounds is not None else None
        self._placeholders = [tf.placeholder(v.dtype.base_dtype, v.shape) for v in self._vars]
        self._assign = tf.group(*(v.assign(p) for v, p in zip(self._vars, self._placeholders)))
        self._gradient = self._packed_gradient(loss)
        self._constraint_gradients = [self._packed_gradient(t) for t in (*self._equalities, *self._inequalities)]
        self._packed = self._pack([tf.convert_to_tensor(v) for v in self._vars])

    def _pack(self, tensors: list[Any]) -> Any:
        return tf.concat([tf.cast(tf.reshape(t, [-1]), tf.float64) for t in tensors], 0) if tensors else tf.zeros([0], tf.float64)

    def _packed_gradient(self, tensor: Any) -> Any:
        found = tf.gradients(tensor, self._vars)
        return self._pack([tf.zeros_like(v) if g is None else tf.convert_to_tensor(g) for g, v in zip(found, self._vars)])

    def _packed_bounds(self, bounds: Any) -> list[tuple[float, float]]:
        low, high = np.full(self._places[-1], -np.inf), np.full(self._places[-1], np.inf)
        for i, variable in enumerate(self._vars):
            if variable in bounds:
                own = slice(self._places[i], self._places[i + 1])
                low[own], high[own] = (np.broadcast_to(b, variable.shape.as_list()).ravel() for b in bounds[variable])
        return list(zip(low.tolist(), high.tolist()))

    def _feeds(self, x: Any) -> dict[Any, Any]:
        return {p: np.reshape(x[a:b], p.shape.as_list()) for p, a, b in zip(self._placeholders, self._places, self._places[1:])}

    def minimize(self, session: Any = None, feed_dict: Any = None, fetches: Any = None, step_callback: Any = None,
                 loss_callback: Any = None, **run_kwargs: Any) -> None:
        """Minimizes the loss and leaves the variables at the end of it.

        feed_dict: for every run. fetches: values that are given to loss_callback each time the loss is computed. step_callback: gets
        the packed vector after each step.
        """
        session = session or tf.get_default_session()
        feeds, wanted = dict(feed_dict or {}), list(fetches or [])

        def evaluated(tensors: list[Any], x: Any) -> list[Any]:
            session.run(self._assign, self._feeds(x))
            return session.run(tensors, feeds, **run_kwargs)

        def loss_and_gradient(x: Any) -> tuple[float, Any]:
            loss, gradient, *values = evaluated([self._loss, self._gradient, *wanted], x)
            if loss_callback is not None:
                loss_callback(*values)
            return float(loss), gradient

        constraints = [
            {"type": kind, "fun": lambda x, t=tensor: evaluated([t], x)[0], "jac": lambda x, g=gradient: evaluated([g], x)[0]}
            for kind, tensor, gradient in zip(["eq"] * len(self._equalities) + ["ineq"] * len(self._inequalities),
                                              [*self._equalities, *self._inequalities], self._constraint_gradients)]
        start = session.run(self._packed, feeds)
        best = self._minimize(start, loss_and_gradient, constraints, self._bounds, step_callback, self._kwargs)
        session.run(self._assign, self._feeds(best))

    def _minimize(self, initial_value: Any, loss_grad_func: Any, constraints: list[Any], packed_bounds: Any, step_callback: Any,
                  optimizer_kwargs: dict[str, Any]) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must define _minimize(initial_value, loss_grad_func, constraints, packed_bounds, "
                                  "step_callback, optimizer_kwargs), which returns the vector at the minimum.")


@export("contrib.opt.ScipyOptimizerInterface")
class ScipyOptimizerInterface(ExternalOptimizerInterface):
    """scipy.optimize.minimize on a loss: method 'L-BFGS-B' by default, `options` and `tol` as there.

    Raises ValueError for arguments that are set from elsewhere (bounds, jac, callback, constraints); ImportError without scipy.
    """

    def _minimize(self, initial_value: Any, loss_grad_func: Any, constraints: list[Any], packed_bounds: Any, step_callback: Any,
                  optimizer_kwargs: dict[str, Any]) -> Any:
        try:
            from scipy import optimize  # at first use: saves 100 ms; and scipy may be absent
        except ImportError as error:
            raise ImportError("tf.contrib.opt.ScipyOptimizerInterface needs scipy: pip install scipy") from error
        more = dict(optimizer_kwargs)
        method = more.pop("method", "L-BFGS-B")
        given: dict[str, Any] = {"jac": True, "callback": step_callback, "method": method, "constraints": constraints,
                                 "bounds": packed_bounds}
        for name in set(given) & set(more):
            if name == "bounds":
                raise ValueError("Bounds must be set using the var_to_bounds argument")
            raise ValueError(f"Optimizer keyword arg '{name}' is set automatically and cannot be injected manually")
        if not constraints:
            del given["constraints"]
        if method == "SLSQP":
            del given["callback"]
        result = optimize.minimize(loss_grad_func, initial_value, **{**given, **more})
        message = result.message.decode() if isinstance(result.message, bytes) else result.message
        tf.logging.info("Optimization terminated with:\n  Message: %s\n  Objective function value: %f\n  Number of iterations: %d\n"
                        "  Number of functions evaluations: %d", message, result.fun, result.nit, result.nfev)
        return result.x
