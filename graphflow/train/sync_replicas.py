"""tf.train.SyncReplicasOptimizer: steps from the average of several workers' gradients: threads of one session, or hosts.

Each worker adds its gradients to accumulators and waits for a token; a chief, run by a queue runner, takes the averages, applies them and
gives out tokens, one per worker, that hold the next step. Gradients of older steps are dropped.
"""
from __future__ import annotations

import threading
import time
from typing import Any

from ..core import context
from ..core.collections import GraphKeys
from ..core.export import export
from ..core.operation import Operation
from ..core.values import IndexedSlices
from ..ops import functions as F
from ..ops.control_flow.flow import group, no_op
from ..ops.data_flow.accumulators import ConditionalAccumulator, SparseConditionalAccumulator
from ..ops.data_flow.queues import FIFOQueue
from ..ops.scopes import name_scope
from ..ops.state.assign import assign
from ..runtime import hosts
from ..variables.checks import report_uninitialized_variables
from ..variables.lists import global_variables
from ..variables.variable import Variable
from .optimizers.base import Optimizer
from .queue_runners import QueueRunner
from .session_run_hook import SessionRunHook

_AGAIN = 0.02      # seconds until waits are ended once more


@export("train.SyncReplicasOptimizer")
class SyncReplicasOptimizer(Optimizer):
    """Averages the gradients of `replicas_to_aggregate` workers for each step of another optimizer.

    total_num_replicas: how many workers there are, replicas_to_aggregate when None; if fewer than that, workers give several gradients
    a step, if more, some of the gradients of a step are dropped. variable_averages, variables_to_average: moving averages, kept by the
    chief. Workers are threads that run the train op in one session; a session made with the hook of `make_session_run_hook(True)` starts
    the chief. In a cluster of several workers (tf.train.Server) every step is one of all workers anyway: then this is the other optimizer,
    and takes no other number of gradients than there are workers.
    """

    def __init__(self, opt: Any, replicas_to_aggregate: int, total_num_replicas: int | None = None, variable_averages: Any = None,
                 variables_to_average: Any = None, use_locking: bool = False, name: str = "sync_replicas"):
        super().__init__(use_locking, name)
        self._opt, self._replicas_to_aggregate = opt, replicas_to_aggregate
        self._total_num_replicas = replicas_to_aggregate if total_num_replicas is None else total_num_replicas
        self._tokens_per_step = max(self._total_num_replicas, replicas_to_aggregate)
        self._variable_averages, self._variables_to_average = variable_averages, variables_to_average
        self._gradients_applied = False
        self._global_step: Any = None
        self._accumulators: list[Any] = []

    def compute_gradients(self, *args: Any, **kwargs: Any) -> list[tuple[Any, Any]]:
        """Those of the other optimizer."""
        found: list[tuple[Any, Any]] = self._opt.compute_gradients(*args, **kwargs)
        return found

    def apply_gradients(self, grads_and_vars: Any, global_step: Any = None, name: str | None = None) -> Any:
        """What a worker runs: adds its gradients and waits for the token of the next step. global_step is needed."""
        pairs = list(grads_and_vars)
        if not pairs:
            raise ValueError("Must supply at least one variable")
        if global_step is None:
            raise ValueError("Global step is required to check staleness")
        graph, self._global_step = context.default_graph(), global_step
        if hosts.entered() is not None:
            return self._apply_together(pairs, global_step)
        no_op()
        self._local_step = Variable(0, trainable=False, collections=[GraphKeys.LOCAL_VARIABLES], dtype=global_step.dtype.base_dtype,
                                    name="sync_rep_local_step")
        self.local_step_init_op = assign(self._local_step, global_step)
        self.ready_for_local_init_op = report_uninitialized_variables(global_variables())
        added, averages, accumulators = [], [], []
        with name_scope(None, self._name):
            for grad, variable in pairs:
                with graph.device(variable.device or None):
                    accumulator: Any = None
                    if grad is None:
                        averages.append((None, variable))
                    elif isinstance(grad, IndexedSlices):
                        accumulator = SparseConditionalAccumulator(grad.dtype, shape=(), shared_name=f"{variable.name}/grad_accum")
                        added.append(accumulator.apply_indexed_slices_grad(grad, self._local_step))
                        averages.append((accumulator.take_indexed_slices_grad(self._replicas_to_aggregate), variable))
                    else:
                        accumulator = ConditionalAccumulator(grad.dtype, variable.shape, f"{variable.name}/grad_accum")
                        added.append(accumulator.apply_grad(grad, self._local_step))
                        averages.append((accumulator.take_grad(self._replicas_to_aggregate), variable))
                    if accumulator is not None:
                        accumulators.append((accumulator, variable.device))
            with graph.device(global_step.device or None), name_scope(""):
                update = self._opt.apply_gradients(averages, global_step)
                self._sync_token_queue = FIFOQueue(-1, global_step.dtype.base_dtype, shapes=[[]], name="sync_token_q",
                                                   shared_name="sync_token_q")
                with graph.control_dependencies(added):
                    token = self._sync_token_queue.dequeue()
                train_op = assign(self._local_step, token)
                self._chief_queue_runner = QueueRunner(self._sync_token_queue, [self._give_tokens(graph, update)])
            ready = [self.local_step_init_op]
            for accumulator, device in accumulators:
                with graph.device(device or None):
                    ready.append(accumulator.set_global_step(global_step, name="SetGlobalStep"))
            self.chief_init_op = group(*ready)
        self._accumulators = [accumulator for accumulator, _ in accumulators]
        self._gradients_applied = True
        return train_op

    def _apply_together(self, pairs: list[tuple[Any, Any]], global_step: Any) -> Operation:
        """Where workers are hosts whose runs are one run, gradients are those of all batches already, and nothing has to wait."""
        step: Operation = self._opt.apply_gradients(pairs, global_step)
        if self._variable_averages is not None:
            with context.default_graph().control_dependencies([step]), name_scope(""):
                step = self._variable_averages.apply(self._variables_to_average)
        kind = global_step.dtype.base_dtype
        with context.default_graph().control_dependencies(None):
            self.local_step_init_op = self.chief_init_op = no_op()
            self.ready_for_local_init_op = report_uninitialized_variables(global_variables())
            self._sync_token_queue = FIFOQueue(-1, kind, shapes=[[]], name="sync_token_q", shared_name="sync_token_q")
            nothing = FIFOQueue(1, kind, shapes=[[]], name="no_more_tokens")       # full after one: its thread waits
            self._chief_queue_runner = QueueRunner(nothing, [nothing.enqueue(F.zeros([], kind))])
        self._gradients_applied = True
        return step

    def _give_tokens(self, graph: Any, update: Any) -> Operation:
        """What the chief runs: the update, then a token with the new step for each worker."""
        with graph.control_dependencies([update]):
            tokens = F.fill([self._tokens_per_step], self._global_step)
            given = self._sync_token_queue.enqueue_many([tokens])
        if self._variable_averages is None:
            return given
        with graph.control_dependencies([given]), name_scope(""):
            op: Operation = self._variable_averages.apply(self._variables_to_average)
        return op

    def get_chief_queue_runner(self) -> QueueRunner:
        """The runner of the chief; after apply_gradients."""
        if not self._gradients_applied:
            raise ValueError("Should be called after apply_gradients().")
        return self._chief_queue_runner

    def get_init_tokens_op(self, num_tokens: int = -1) -> Any:
        """Gives the first tokens; num_tokens: replicas_to_aggregate of them when -1."""
        if not self._gradients_applied:
            raise ValueError("get_init_tokens_op() should be called after apply_gradients().")
        needed = self._replicas_to_aggregate - self._total_num_replicas
        if num_tokens == -1:
            num_tokens = self._replicas_to_aggregate
        elif num_tokens < needed:
            raise ValueError(f"Too few tokens to finish the first step: {num_tokens} (given) vs {needed} (needed)")
        if num_tokens <= 0:
            return no_op(name="no_init_tokens")
        with context.default_graph().device(self._global_step.device or None), name_scope(""):
            return self._sync_token_queue.enqueue_many([F.fill([num_tokens], self._global_step)])

    def get_slot(self, *args: Any, **kwargs: Any) -> Any:
        """That of the other optimizer."""
        return self._opt.get_slot(*args, **kwargs)

    def get_slot_names(self, *args: Any, **kwargs: Any) -> Any:
        """Those of the other optimizer."""
        return self._opt.get_slot_names(*args, **kwargs)

    def variables(self) -> list[Any]:
        """Those of the other optimizer."""
        found: list[Any] = self._opt.variables()
        return found

    def make_session_run_hook(self, is_chief: bool, num_tokens: int = -1) -> SessionRunHook:
        """A hook that begins training: of the chief, which gives the first tokens and starts its thread, or of a worker."""
        return _Begin(self, is_chief, num_tokens)


class _Begin(SessionRunHook):
    def __init__(self, optimizer: SyncReplicasOptimizer, is_chief: bool, num_tokens: int):
        self._optimizer, self._is_chief, self._num_tokens = optimizer, is_chief, num_tokens

    def begin(self) -> None:
        optimizer = self._optimizer
        if not optimizer._gradients_applied:
            raise ValueError("SyncReplicasOptimizer.apply_gradient should be called before using the hook.")
        self._first = [optimizer.chief_init_op, optimizer.get_init_tokens_op(self._num_tokens)] if self._is_chief else \
            [optimizer.local_step_init_op]

    def after_create_session(self, session: Any, coord: Any) -> None:
        missing = session.run(self._optimizer.ready_for_local_init_op)
        if len(missing):
            raise RuntimeError("Init operations did not make model ready for local_init. Variables not initialized: "
                               f"{', '.join(name.decode() for name in missing)}")
        for op in self._first:
            session.run(op)
        if self._is_chief and self._optimizer._accumulators:
            chief = self._optimizer.get_chief_queue_runner().create_threads(session, coord=coord, daemon=True, start=True)
            thread = threading.Thread(target=self._let_go, args=(session, coord, chief), name="SyncReplicas-let-go", daemon=True)
            coord.register_thread(thread)
            thread.start()

    def _let_go(self, session: Any, coord: Any, chief: list[threading.Thread]) -> None:
        """Ends the chief's waits for gradients when the coordinator stops, so that closing does not have to wait for them."""
        coord.wait_for_stop()
        while not session._closed:
            for accumulator in self._optimizer._accumulators:
                op = accumulator.accumulator_ref.op
                found = session._store.resources.get(op._op_def.resource_key(op))
                if found is not None:
                    found.cancel()
            if not any(thread.is_alive() for thread in chief):
                return
            time.sleep(_AGAIN)       # one that was about to wait may have begun since
