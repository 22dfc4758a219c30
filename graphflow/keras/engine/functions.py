"""A model's steps in a session: from arrays for its placeholders to losses, metrics and predictions."""
from __future__ import annotations

from typing import Any

import numpy as np

import graphflow as tf

from ...core.late import Late
from ..backend.sessions import get_session
from ..backend.state import symbolic_learning_phase
from ..backend.symbolic import model_graph

_late = Late(Part="graphflow.eager.parts:Part")  # at first use: saves 20 ms; models of eager execution


class Step:
    """One run: feeds -> outputs, with updates behind them. training: what the learning phase is fed with."""

    def __init__(self, feeds: list[Any], outputs: list[Any], updates: list[Any], training: bool, graph: Any = None):
        self.feeds, self.outputs, self.training = list(feeds), list(outputs), training
        self.graph = graph or model_graph()
        self.updates = updates
        self._call: Any = None
        self._session: Any = None

    def bind(self) -> Any:
        """The function of the feeds' values, in the session of now."""
        if self.graph.takes_symbolic:
            return self._bind_beside()
        with self.graph.as_default():
            session = get_session()
        if session is not self._session or session._closed:
            with self.graph.as_default(), tf.control_dependencies(self.outputs[:1]):
                fetches = [*self.outputs, *([tf.group(*self.updates)] if self.updates else [])]
            phase = symbolic_learning_phase(self.graph)
            feeds = [*self.feeds, *([phase] if phase is not None else [])]
            self._call, self._session = session.make_callable(fetches, feeds), session
            self._extra = [np.asarray(self.training)] if phase is not None else []
        return self.run

    def _bind_beside(self) -> Any:
        """The function, where eager execution is on."""
        if self._call is None:
            with self.graph.as_default(), tf.control_dependencies(self.outputs[:1]):
                effects = [tf.group(*self.updates)] if self.updates else []
            phase = symbolic_learning_phase(self.graph)
            feeds = [*self.feeds, *([phase] if phase is not None else [])]
            part = _late.Part(self.graph, self.outputs, effects, feeds)
            self._call = lambda *values: part(values)
            self._extra = [np.asarray(self.training)] if phase is not None else []
        return self.run

    def run(self, values: list[Any]) -> list[Any]:
        """The outputs for these values; `bind` comes before."""
        found = self._call(*values, *self._extra)
        return list(found[:len(self.outputs)])

    def __call__(self, values: list[Any]) -> list[Any]:
        self.bind()
        return self.run(values)
