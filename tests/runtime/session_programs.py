"""Programs that run a graph in parts, and that keep values in the session. `tf` is graphflow or TensorFlow; each gives numbers."""
import json
import sys

import numpy as np


def of(*values):
    return [np.asarray(v).tolist() for v in values]


def program_two_parts(tf, session):
    a, b, c = (tf.placeholder(tf.float32, []) for _ in range(3))
    first = a + b
    second = first * c
    found = []
    for start in range(3):
        run = session.partial_run_setup([first, second], [a, b, c])
        one = session.partial_run(run, first, {a: start, b: 2})
        found += of(one, session.partial_run(run, second, {c: one * 10}))
    return found


def program_structures_and_names(tf, session):
    x, y = tf.placeholder(tf.float32, [None], name="x"), tf.placeholder(tf.float32, [None], name="y")
    total = tf.reduce_sum(x * x, name="total")
    outer = tf.add(total, y, name="outer")
    run = session.partial_run_setup(["total:0", outer], ["x:0", y])
    first = session.partial_run(run, {"t": total}, {"x:0": [1, 2, 3]})
    second = session.partial_run(run, [outer], {y: [5, 6]})
    return of(first["t"], second[0])


def program_a_part_without_fetches(tf, session):
    a, b = tf.placeholder(tf.int32, [2]), tf.placeholder(tf.int32, [])
    both = a * b
    run = session.partial_run_setup([both], [a, b])
    none = session.partial_run(run, [], {a: [3, 4]})
    return [none, *of(session.partial_run(run, both, {b: 2}))]


def program_random_numbers_are_drawn_once(tf, session):
    number = tf.random_uniform([3], seed=1)
    a, b = tf.placeholder(tf.float32, []), tf.placeholder(tf.float32, [])
    one, two = number * a, number * b
    run = session.partial_run_setup([one, two], [a, b])
    first = session.partial_run(run, one, {a: 1})
    second = session.partial_run(run, two, {b: 1})
    return [bool((first == second).all())]


def program_variables_are_written_once(tf, session):
    v = tf.Variable(1.0, use_resource=True)
    session.run(v.initializer)
    a, b = tf.placeholder(tf.float32, []), tf.placeholder(tf.float32, [])
    with tf.control_dependencies([v.assign_add(a)]):
        after = v.read_value()
    last = after * b
    run = session.partial_run_setup([after, last], [a, b])
    found = of(session.partial_run(run, after, {a: 5}), session.run(v))
    return found + of(session.partial_run(run, last, {b: 3}), session.run(v))


def program_intermediate_tensors_are_fed(tf, session):
    a, b = tf.placeholder(tf.float32, []), tf.placeholder(tf.float32, [])
    middle = a + 1.0
    end = middle * b
    run = session.partial_run_setup([end], [middle, b])
    session.partial_run(run, [], {middle: 7})
    return of(session.partial_run(run, end, {b: 2}))


def program_constants_alone(tf, session):
    k = tf.constant([1, 2])
    return of(session.partial_run(session.partial_run_setup([k], []), k))


def program_two_runs_at_once(tf, session):
    a, b = tf.placeholder(tf.float32, []), tf.placeholder(tf.float32, [])
    one = a * 2.0
    two = one + b
    runs = [session.partial_run_setup([one, two], [a, b]) for _ in range(2)]
    found = [session.partial_run(run, one, {a: i}) for i, run in enumerate(runs)]
    found += [session.partial_run(run, two, {b: 10 * i}) for i, run in enumerate(runs)]
    return of(*found)


def program_handles(tf, session):
    c = tf.constant([1.0, 2.0]) * 3.0
    handle = session.run(tf.get_session_handle(c))
    holder, kept = tf.get_session_tensor(handle.handle, tf.float32)
    twice = kept * 2.0
    found = of(session.run(twice, {holder: handle.handle}), session.run(twice, {holder: handle.handle}), handle.eval())
    x = tf.placeholder(tf.float32, [2])
    return found + of(session.run(x + 1.0, {x: handle}), session.run(c + 0.0, {c: handle}))


def program_handles_of_other_dtypes(tf, session):
    found = []
    for value in (np.array(3), np.zeros((0, 2), np.float64), np.array([True, False])):
        made = tf.constant(value)
        handles = session.run({"h": tf.get_session_handle(made), "v": made})
        holder, kept = tf.get_session_tensor(handles["h"].handle, made.dtype)
        found += of(session.run(kept, {holder: handles["h"].handle}), handles["v"])
    return found


def program_a_chain_of_handles(tf, session):
    x = tf.placeholder(tf.float32, [])
    step = tf.get_session_handle(x * 2.0)
    value = 1.0
    for _ in range(30):
        value = session.run(step, {x: value})
    return of(value.eval())


def program_nodes_of_handles(tf, session):
    handle = session.run(tf.get_session_handle(tf.constant(1.0), name="kept"))
    tf.get_session_tensor(handle.handle, tf.float32, name="back")
    tf.delete_session_tensor(handle.handle)
    return [[op.name, op.type, [t.name for t in op.inputs], op.device] for op in session.graph.get_operations()]


def results(tf):
    found = {}
    for name, program in sorted(globals().items()):
        if name.startswith("program_"):
            with tf.Graph().as_default(), tf.Session() as session:
                found[name] = program(tf, session)
    return found


if __name__ == "__main__":
    import tensorflow.compat.v1 as tensorflow
    tensorflow.disable_v2_behavior()
    json.dump(results(tensorflow), sys.stdout)
