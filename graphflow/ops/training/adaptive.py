"""The formulas of TF1's optimizers. Sources are named at each; signs and epsilons are where TensorFlow's kernels have them."""
from __future__ import annotations

from typing import Any

from ...kernels.contract import Namespace
from .formulas import update_op


def gradient_descent(xp: Namespace, op: Any, var: Any, alpha: Any, delta: Any = None, grad: Any = None) -> Any:
    """var - alpha * delta."""
    return var - alpha * (delta if grad is None else grad)


def momentum(xp: Namespace, op: Any, var: Any, accum: Any, lr: Any, grad: Any, momentum: Any) -> Any:
    """accum = accum * momentum + grad; Nesterov's look-ahead as in Sutskever et al. 2013, section 2."""
    accum = accum * momentum + grad
    if op.use_nesterov:
        return var - (grad * lr + accum * momentum * lr), accum
    return var - accum * lr, accum


def adagrad(xp: Namespace, op: Any, var: Any, accum: Any, lr: Any, grad: Any) -> Any:
    """Duchi et al. 2011."""
    if op.update_slots:
        accum = accum + grad * grad
    return var - grad * lr * xp.rsqrt(accum), accum


def adagrad_v2(xp: Namespace, op: Any, var: Any, accum: Any, lr: Any, epsilon: Any, grad: Any) -> Any:
    """Adagrad with epsilon beside the root."""
    if op.update_slots:
        accum = accum + grad * grad
    return var - grad * lr / (xp.sqrt(accum) + epsilon), accum


def adadelta(xp: Namespace, op: Any, var: Any, accum: Any, accum_update: Any, lr: Any, rho: Any, epsilon: Any, grad: Any) -> Any:
    """Zeiler 2012, algorithm 1."""
    accum = accum * rho + grad * grad * (1 - rho)
    update = xp.sqrt(accum_update + epsilon) * xp.rsqrt(accum + epsilon) * grad
    return var - update * lr, accum, accum_update * rho + update * update * (1 - rho)


def rms_prop(xp: Namespace, op: Any, var: Any, ms: Any, mom: Any, lr: Any, rho: Any, momentum: Any, epsilon: Any, grad: Any) -> Any:
    """Tieleman and Hinton 2012, lecture 6.5."""
    ms = ms + (grad * grad - ms) * (1 - rho)
    mom = mom * momentum + grad * lr * xp.rsqrt(ms + epsilon)
    return var - mom, ms, mom


def centered_rms_prop(xp: Namespace, op: Any, var: Any, mg: Any, ms: Any, mom: Any, lr: Any, rho: Any, momentum: Any, epsilon: Any,
                      grad: Any) -> Any:
    """RMSProp by the variance of the gradient (Graves 2013, equations 38-45)."""
    ms = ms + (grad * grad - ms) * (1 - rho)
    mg = mg + (grad - mg) * (1 - rho)
    mom = mom * momentum + grad * lr * xp.rsqrt(ms - mg * mg + epsilon)
    return var - mom, mg, ms, mom


def adam(xp: Namespace, op: Any, var: Any, m: Any, v: Any, beta1_power: Any, beta2_power: Any, lr: Any, beta1: Any, beta2: Any,
         epsilon: Any, grad: Any) -> Any:
    """Kingma and Ba 2015, in the form of the last paragraph of section 2."""
    alpha = lr * xp.sqrt(1 - beta2_power) / (1 - beta1_power)
    m = m + (grad - m) * (1 - beta1)
    v = v + (grad * grad - v) * (1 - beta2)
    step = grad * (1 - beta1) + m * beta1 if op.use_nesterov else m
    return var - step * alpha / (xp.sqrt(v) + epsilon), m, v


def ada_max(xp: Namespace, op: Any, var: Any, m: Any, v: Any, beta1_power: Any, lr: Any, beta1: Any, beta2: Any,
            epsilon: Any, grad: Any) -> Any:
    """Kingma and Ba 2015, section 7.1."""
    m = m + (grad - m) * (1 - beta1)
    v = xp.maximum(beta2 * v, xp.abs(grad))
    return var - lr / (1 - beta1_power) * (m / (v + epsilon)), m, v


def ftrl(xp: Namespace, op: Any, var: Any, accum: Any, linear: Any, grad: Any, lr: Any, l1: Any, l2: Any, lr_power: Any,
         l2_shrinkage: Any = None) -> Any:
    """McMahan et al. 2013, algorithm 1, with TensorFlow's l2 shrinkage."""
    shrunk = grad if l2_shrinkage is None else grad + 2 * l2_shrinkage * var
    new = accum + grad * grad
    power = 0 - lr_power
    change = new ** power - accum ** power
    if op.multiply_linear_by_lr:
        linear = linear + shrunk * lr - change * var
        bound, quadratic = l1 * lr, new ** power + 2 * l2 * lr
    else:
        linear = linear + shrunk - change / lr * var
        bound, quadratic = l1, new ** power / lr + 2 * l2
    var = xp.where(xp.abs(linear) > bound, (bound * xp.sign(linear) - linear) / quadratic, xp.zeros_like(linear))
    return var, new, linear


def _shrink(xp: Namespace, x: Any, lr: Any, l1: Any, l2: Any) -> Any:
    """The proximal step for l1 |x| + l2/2 x^2 (Duchi and Singer 2009)."""
    return xp.sign(x) * xp.maximum(xp.abs(x) - lr * l1, 0) / (1 + l2 * lr)


def proximal_gradient_descent(xp: Namespace, op: Any, var: Any, alpha: Any, l1: Any, l2: Any, delta: Any = None, grad: Any = None) -> Any:
    """A gradient step, then the proximal step."""
    return _shrink(xp, var - (delta if grad is None else grad) * alpha, alpha, l1, l2)


def proximal_adagrad(xp: Namespace, op: Any, var: Any, accum: Any, lr: Any, l1: Any, l2: Any, grad: Any) -> Any:
    """Adagrad with the proximal step."""
    accum = accum + grad * grad
    rate = lr * xp.rsqrt(accum)
    return _shrink(xp, var - grad * rate, rate, l1, l2), accum


def adagrad_da(xp: Namespace, op: Any, var: Any, gradient_accumulator: Any, gradient_squared_accumulator: Any, grad: Any, lr: Any, l1: Any,
               l2: Any, global_step: Any) -> Any:
    """Dual averaging (Duchi et al. 2011, equation 3)."""
    total = gradient_accumulator + grad
    squared = gradient_squared_accumulator + grad * grad
    steps = xp.astype(global_step, var.dtype)
    above = xp.sign(total) * xp.maximum(xp.abs(total) - l1 * steps, 0)
    return (0 - lr) * above / (l2 * steps * lr + xp.sqrt(squared)), total, squared


def power_sign(xp: Namespace, op: Any, var: Any, m: Any, lr: Any, logbase: Any, sign_decay: Any, beta: Any, grad: Any) -> Any:
    """Bello et al. 2017, PowerSign."""
    m = m * beta + grad * (1 - beta)
    return var - lr * xp.exp(logbase * sign_decay * xp.sign(grad) * xp.sign(m)) * grad, m


def add_sign(xp: Namespace, op: Any, var: Any, m: Any, lr: Any, alpha: Any, sign_decay: Any, beta: Any, grad: Any) -> Any:
    """Bello et al. 2017, AddSign."""
    m = m * beta + grad * (1 - beta)
    return var - lr * (alpha + sign_decay * xp.sign(grad) * xp.sign(m)) * grad, m


update_op("GradientDescent", gradient_descent, "var",
          ("ApplyGradientDescent", "ResourceApplyGradientDescent", "alpha delta"),
          None, "var -= alpha * delta.", module=__name__)
update_op("Momentum", momentum, "var accum",
          ("ApplyMomentum", "ResourceApplyMomentum", "lr grad momentum"),
          ("SparseApplyMomentum", "ResourceSparseApplyMomentum", "lr grad indices momentum"),
          "Momentum, plain or Nesterov's.", module=__name__, use_nesterov=False)
update_op("Adagrad", adagrad, "var accum",
          ("ApplyAdagrad", "ResourceApplyAdagrad", "lr grad"),
          ("SparseApplyAdagrad", "ResourceSparseApplyAdagrad", "lr grad indices"),
          "Adagrad.", module=__name__, update_slots=True)
update_op("AdagradV2", adagrad_v2, "var accum",
          ("ApplyAdagradV2", "ResourceApplyAdagradV2", "lr epsilon grad"),
          ("SparseApplyAdagradV2", "ResourceSparseApplyAdagradV2", "lr epsilon grad indices"),
          "Adagrad with epsilon.", module=__name__, update_slots=True)
update_op("Adadelta", adadelta, "var accum accum_update",
          ("ApplyAdadelta", "ResourceApplyAdadelta", "lr rho epsilon grad"),
          ("SparseApplyAdadelta", "ResourceSparseApplyAdadelta", "lr rho epsilon grad indices"),
          "Adadelta.", module=__name__)
update_op("RMSProp", rms_prop, "var ms mom",
          ("ApplyRMSProp", "ResourceApplyRMSProp", "lr rho momentum epsilon grad"),
          ("SparseApplyRMSProp", "ResourceSparseApplyRMSProp", "lr rho momentum epsilon grad indices"),
          "RMSProp.", module=__name__)
update_op("CenteredRMSProp", centered_rms_prop, "var mg ms mom",
          ("ApplyCenteredRMSProp", "ResourceApplyCenteredRMSProp", "lr rho momentum epsilon grad"),
          ("SparseApplyCenteredRMSProp", "ResourceSparseApplyCenteredRMSProp", "lr rho momentum epsilon grad indices"),
          "RMSProp by the variance.", module=__name__)
update_op("Adam", adam, "var m v",
          ("ApplyAdam", "ResourceApplyAdam", "beta1_power beta2_power lr beta1 beta2 epsilon grad"),
          None, "Adam.", module=__name__, use_nesterov=False)
update_op("AdaMax", ada_max, "var m v",
          ("ApplyAdaMax", "ResourceApplyAdaMax", "beta1_power lr beta1 beta2 epsilon grad"),
          None, "AdaMax.", module=__name__)
update_op("Ftrl", ftrl, "var accum linear",
          ("ApplyFtrl", "ResourceApplyFtrl", "grad lr l1 l2 lr_power"),
          ("SparseApplyFtrl", "ResourceSparseApplyFtrl", "grad indices lr l1 l2 lr_power"),
          "FTRL-Proximal.", module=__name__, multiply_linear_by_lr=False)
update_op("FtrlV2", ftrl, "var accum linear",
          ("ApplyFtrlV2", "ResourceApplyFtrlV2", "grad lr l1 l2 l2_shrinkage lr_power"),
          ("SparseApplyFtrlV2", "ResourceSparseApplyFtrlV2", "grad indices lr l1 l2 l2_shrinkage lr_power"),
          "FTRL-Proximal with shrinkage.", module=__name__, multiply_linear_by_lr=False)
update_op("ProximalGradientDescent", proximal_gradient_descent, "var",
          ("ApplyProximalGradientDescent", "ResourceApplyProximalGradientDescent", "alpha l1 l2 delta"),
          ("SparseApplyProximalGradientDescent", "ResourceSparseApplyProximalGradientDescent", "alpha l1 l2 grad indices"),
          "Gradient descent with l1 and l2.", module=__name__)
update_op("ProximalAdagrad", proximal_adagrad, "var accum",
          ("ApplyProximalAdagrad", "ResourceApplyProximalAdagrad", "lr l1 l2 grad"),
          ("SparseApplyProximalAdagrad", "ResourceSparseApplyProximalAdagrad", "lr l1 l2 grad indices"),
          "Adagrad with l1 and l2.", module=__name__)
update_op("AdagradDA", adagrad_da, "var gradient_accumulator gradient_squared_accumulator",
          ("ApplyAdagradDA", "ResourceApplyAdagradDA", "grad lr l1 l2 global_step"),
          ("SparseApplyAdagradDA", "ResourceSparseApplyAdagradDA", "grad indices lr l1 l2 global_step"),
          "Adagrad by dual averaging.", module=__name__)
update_op("PowerSign", power_sign, "var m",
          ("ApplyPowerSign", "ResourceApplyPowerSign", "lr logbase sign_decay beta grad"),
          None, "PowerSign.", module=__name__)
update_op("AddSign", add_sign, "var m",
          ("ApplyAddSign", "ResourceApplyAddSign", "lr alpha sign_decay beta grad"),
          None, "AddSign.", module=__name__)
