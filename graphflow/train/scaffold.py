"""tf.train.Scaffold: the operations that a session needs before it is ready, made or found by default."""
from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from ..core import context
from ..core.collections import GraphKeys
from ..core.constant import constant
from ..core.dtypes import string
from ..core.export import export
from ..core.operation import Operation
from ..ops.array.joining import concat
from ..ops.control_flow.flow import group, no_op
from ..ops.io.summary import merge_all
from ..ops.scopes import name_scope
from ..variables.checks import report_uninitialized_variables
from ..variables.lists import global_variables, global_variables_initializer, local_variables_initializer, tables_initializer
from .saver import Saver

_log = logging.getLogger("tensorflow")


def _no_names() -> Any:
    """The resources other than variables that are not initialized: graphflow has none."""
    with name_scope("report_uninitialized_resources"):
        return constant([], string)


@export("train.Scaffold")
class Scaffold:
    """init_op, init_fn(scaffold, session): how to start without a checkpoint. ready_op: names of what is missing, empty when all is ready.

    local_init_op: run after init or restore. summary_op, saver: for hooks. `finalize()` makes what is not given and ends the graph.
    """

    def __init__(self, init_op: Any = None, init_feed_dict: Any = None, init_fn: Any = None, ready_op: Any = None,
                 ready_for_local_init_op: Any = None, local_init_op: Any = None, summary_op: Any = None, saver: Any = None,
                 copy_from_scaffold: Scaffold | None = None, local_init_feed_dict: Any = None):
        if copy_from_scaffold is not None and not isinstance(copy_from_scaffold, Scaffold):
            raise TypeError("copy_from_scaffold is not a Scaffold instance.")
        other = copy_from_scaffold

        def given(value: Any, name: str) -> Any:
            return getattr(other, name) if value is None and other is not None else value

        self._init_op, self._init_feed_dict = given(init_op, "init_op"), given(init_feed_dict, "init_feed_dict")
        self._user_init_fn = given(init_fn, "_user_init_fn")
        self._ready_op, self._local_init_op = given(ready_op, "ready_op"), given(local_init_op, "local_init_op")
        self._ready_for_local_init_op = given(ready_for_local_init_op, "ready_for_local_init_op")
        self._summary_op, self._saver = given(summary_op, "summary_op"), given(saver, "saver")
        self._local_init_feed_dict = given(local_init_feed_dict, "local_init_feed_dict")

    init_op = property(lambda self: self._init_op)
    init_feed_dict = property(lambda self: self._init_feed_dict)
    ready_op = property(lambda self: self._ready_op)
    ready_for_local_init_op = property(lambda self: self._ready_for_local_init_op)
    local_init_op = property(lambda self: self._local_init_op)
    local_init_feed_dict = property(lambda self: self._local_init_feed_dict)
    summary_op = property(lambda self: self._summary_op)
    saver = property(lambda self: self._saver)

    @property
    def init_fn(self) -> Callable[[Any], Any] | None:
        """init_fn(session), or None."""
        function = self._user_init_fn
        return None if function is None else lambda session: function(self, session)

    def finalize(self) -> Scaffold:
        """Makes or finds what was not given, and finalizes the graph."""
        get = Scaffold.get_or_default
        if self._init_op is None:
            self._init_op = get("init_op", GraphKeys.INIT_OP, lambda: group(global_variables_initializer(), no_op()))
        if self._ready_op is None:
            self._ready_op = get("ready_op", GraphKeys.READY_OP, lambda: concat([report_uninitialized_variables(), _no_names()], 0))
        if self._ready_for_local_init_op is None:
            self._ready_for_local_init_op = get(
                "ready_for_local_init_op", GraphKeys.READY_FOR_LOCAL_INIT_OP,
                lambda: concat([report_uninitialized_variables(global_variables()), _no_names()], 0))
        if self._local_init_op is None:
            self._local_init_op = get("local_init_op", GraphKeys.LOCAL_INIT_OP, Scaffold.default_local_init_op)
        if self._summary_op is None:
            self._summary_op = get("summary_op", GraphKeys.SUMMARY_OP, merge_all)
        if self._saver is None:
            self._saver = get("saver", GraphKeys.SAVERS, lambda: Saver(sharded=True, allow_empty=True))
        self._saver.build()
        context.default_graph().finalize()
        _log.info("Graph was finalized.")
        return self

    @staticmethod
    def get_or_default(arg_name: str, collection_key: str, default_constructor: Callable[[], Any]) -> Any:
        """The only item of a collection; a new one, added to it, if there is none. RuntimeError for several."""
        graph = context.default_graph()
        found = graph.get_collection(collection_key)
        if len(found) > 1:
            raise RuntimeError(f"More than one item in the collection {collection_key!r}. Please indicate which one to use by passing it "
                               f"to the tf.Scaffold constructor as: tf.Scaffold({arg_name}=item to use)")
        if found:
            return found[0]
        item = default_constructor()
        if item is not None:
            graph.add_to_collection(collection_key, item)
        return item

    @staticmethod
    def default_local_init_op() -> Operation:
        """Initializes local variables and tables."""
        return group(local_variables_initializer(), tables_initializer(), no_op(name="init"))  # no resources but variables and tables

