"""tf.train.SessionManager: sessions that are restored from a checkpoint or initialized before they are handed out."""
from __future__ import annotations

import time
from typing import Any

import numpy as np

from ..core import errors
from ..core.export import export
from ..core.graph import Graph
from ..platform import tf_logging as logging
from ..runtime import hosts
from ..runtime.session import Session
from .checkpoint_management import get_checkpoint_state


@export("train.SessionManager")
class SessionManager:
    """Makes sessions and gets their variables ready.

    local_init_op: run in every session, once ready_for_local_init_op (names of what is missing; empty when nothing is) allows it, with
    local_init_feed_dict and local_init_run_options. ready_op: names of what is not initialized when all is done. graph: the default graph
    when None. recovery_wait_secs: between two looks for a checkpoint, or at a model that is not ready.
    """

    def __init__(self, local_init_op: Any = None, ready_op: Any = None, ready_for_local_init_op: Any = None, graph: Graph | None = None,
                 recovery_wait_secs: float = 30, local_init_run_options: Any = None, local_init_feed_dict: Any = None):
        if ready_for_local_init_op is not None and local_init_op is None:
            raise ValueError("If you pass a ready_for_local_init_op you must also pass a local_init_op , ready_for_local_init_op "
                             f"[{ready_for_local_init_op}]")
        self._local_init_op, self._ready_op, self._ready_for_local_init_op = local_init_op, ready_op, ready_for_local_init_op
        self._graph, self._recovery_wait_secs = graph, recovery_wait_secs
        self._local_init_run_options, self._local_init_feed_dict = local_init_run_options, local_init_feed_dict

    def prepare_session(self, master: str, init_op: Any = None, saver: Any = None, checkpoint_dir: str | None = None,
                        checkpoint_filename_with_path: str | None = None, wait_for_checkpoint: bool = False, max_wait_secs: float = 7200,
                        config: Any = None, init_feed_dict: Any = None, init_fn: Any = None) -> Session:
        """A session whose model is ready: restored by `saver` from a checkpoint if there is one, else initialized.

        checkpoint_dir: its newest checkpoint; checkpoint_filename_with_path: this one. init_op runs with init_feed_dict, then
        init_fn(session). Of several hosts only the chief does this, and gives the others its values. RuntimeError where nothing is given
        that could initialize the model, or it is not ready afterwards.
        """
        if not hosts.is_chief(master):
            return self.wait_for_session(master, config, max_wait_secs)
        session, restored = self._restored(master, saver, checkpoint_dir, checkpoint_filename_with_path, wait_for_checkpoint,
                                           max_wait_secs, config)
        if not restored:
            if init_op is None and not init_fn and self._local_init_op is None:
                raise RuntimeError("Model is not initialized and no init_op or init_fn or local_init_op was given")
            if init_op is not None:
                session.run(init_op, feed_dict=init_feed_dict)
            if init_fn:
                init_fn(session)
        self._share(session)
        told = f"Init op: {_name(init_op)}, init fn: {init_fn}"
        missing = self._initialize_locally(session)
        if missing:
            raise RuntimeError(f"Init operations did not make model ready for local_init.  {told}, error: {missing}")
        missing = _missing(session, self._ready_op)
        if missing:
            raise RuntimeError(f"Init operations did not make model ready.  {told}, local_init_op: {_name(self._local_init_op)}, "
                               f"error: {missing}")
        return session

    def recover_session(self, master: str, saver: Any = None, checkpoint_dir: str | None = None,
                        checkpoint_filename_with_path: str | None = None, wait_for_checkpoint: bool = False, max_wait_secs: float = 7200,
                        config: Any = None) -> tuple[Session, bool]:
        """(a session, whether it was restored from a checkpoint and its model is ready)."""
        session, restored = self._restored(master, saver, checkpoint_dir, checkpoint_filename_with_path, wait_for_checkpoint,
                                           max_wait_secs, config)
        missing = self._initialize_locally(session)
        if not restored:
            return session, False
        source = checkpoint_dir or checkpoint_filename_with_path
        if missing:
            logging.info("Restoring model from %s did not make model ready for local init: %s", source, missing)
            return session, False
        missing = _missing(session, self._ready_op)
        if missing:
            logging.info("Restoring model from %s did not make model ready: %s", source, missing)
            return session, False
        logging.info("Restored model from %s", source)
        return session, True

    def wait_for_session(self, master: str, config: Any = None, max_wait_secs: float = float("inf")) -> Session:
        """A session whose model is ready without being initialized here: a new one every recovery_wait_secs until that is so.

        DeadlineExceededError after max_wait_secs. Of several hosts, one that is not the chief gets the chief's values; else sessions of
        graphflow share nothing, so that variables never become ready by waiting. RuntimeError for the chief.
        """
        if hosts.of(master) is not None and hosts.is_chief(master):
            raise RuntimeError("The first worker (or the chief or master, if a cluster has one) makes the session ready for the others: "
                               "pass is_chief=True there, or call prepare_session")
        begin = time.monotonic()
        while True:
            session = Session(master, graph=self._graph, config=config)
            self._share(session)
            missing = self._initialize_locally(session) or _missing(session, self._ready_op)
            if not missing:
                return session
            session.close()
            logging.info("Waiting for model to be ready.  Ready_for_local_init_op and ready_op tell: %s", missing)
            if time.monotonic() - begin + self._recovery_wait_secs > max_wait_secs:
                raise errors.DeadlineExceededError(None, None, f"Session was not ready after waiting {max_wait_secs} secs. {missing}")
            time.sleep(self._recovery_wait_secs)

    def _restored(self, master: str, saver: Any, checkpoint_dir: str | None, path: str | None, wait: bool, max_wait_secs: float,
                  config: Any) -> tuple[Session, bool]:
        """(a new session, whether a checkpoint was restored)."""
        if checkpoint_dir and path:
            raise ValueError("Can not provide both checkpoint_dir and checkpoint_filename_with_path.")
        session = Session(master, graph=self._graph, config=config)
        if not saver or not (checkpoint_dir or path):
            return session, False
        if path:
            saver.restore(session, path)
            return session, True
        folder = checkpoint_dir or ""
        begin, state = time.monotonic(), get_checkpoint_state(folder)
        while not state or not state.model_checkpoint_path:
            if not wait or time.monotonic() - begin >= max_wait_secs:
                return session, False
            logging.info("Waiting for checkpoint to be available.")
            time.sleep(self._recovery_wait_secs)
            state = get_checkpoint_state(folder)
        saver.restore(session, state.model_checkpoint_path)
        saver.recover_last_checkpoints(state.all_model_checkpoint_paths)
        return session, True

    @staticmethod
    def _share(session: Session) -> None:
        """Of several hosts: gives the variables, on all, the chief's values."""
        spread = session._store.engine.spread
        if spread is not None:
            spread.share(session._store)

    def _initialize_locally(self, session: Session) -> str:
        """Runs local_init_op; says what is missing for it, else ''."""
        if self._local_init_op is None:
            return ""
        missing = _missing(session, self._ready_for_local_init_op)
        if not missing:
            logging.info("Running local_init_op.")
            session.run(self._local_init_op, feed_dict=self._local_init_feed_dict, options=self._local_init_run_options)
            logging.info("Done running local_init_op.")
        return missing


def _missing(session: Session, ready_op: Any) -> str:
    """What a ready_op says to be missing, '' if nothing is."""
    if ready_op is None:
        return ""
    try:
        names = session.run(ready_op)
    except errors.FailedPreconditionError as error:
        if "uninitialized" not in str(error):
            raise
        return str(error)
    if names is None or not np.size(names) or np.asarray(names).dtype == np.int32:
        return ""
    listed = [name.decode() if isinstance(name, bytes) else str(name) for name in np.ravel(names).tolist()]
    return "Variables not initialized: " + ", ".join(listed)


def _name(item: Any) -> str | None:
    return item if item is None or isinstance(item, str) else item.name
