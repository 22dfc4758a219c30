"""Devices of replica_device_setter, ClusterSpecs and what a Supervisor adds to a graph, as texts, compared with TensorFlow's."""
import numpy as np


def prepare(tf):
    tf.disable_resource_variables()


def _text(tf, *lines):
    return [tf.constant(np.frombuffer("\n".join(map(str, lines)).encode(), np.uint8))]


def _model(tf):
    with tf.name_scope("model"):
        a, b, c = (tf.get_variable(name, [2], initializer=tf.zeros_initializer()) for name in "abc")
        with tf.device("/cpu:0"):
            d = tf.Variable([1.0], name="d")
        with tf.device("/job:worker/task:3"):
            e = tf.Variable([1.0], name="e")
    table = tf.raw_ops.MutableHashTableV2(key_dtype=tf.int64, value_dtype=tf.int64)
    return [a, b, c, d, e, table], tf.add(a, b, name="sum")


def _devices(tf, setter):
    with tf.Graph().as_default() as graph:
        with tf.device(setter):
            _model(tf)
        return sorted((op.name, op.device) for op in graph.get_operations() if "/" not in op.name.replace("model/", ""))


def program_devices(tf):
    cluster = {"ps": ["h:1", "h:2"], "worker": ["h:3", "h:4"]}
    setters = [tf.train.replica_device_setter(3), tf.train.replica_device_setter(cluster=tf.train.ClusterSpec(cluster)),
               tf.train.replica_device_setter(2, worker_device="/job:worker/task:1/cpu:0"),
               tf.train.replica_device_setter(cluster=cluster, ps_device="/job:ps/cpu:0", ps_strategy=lambda op: len(op.name) % 2),
               tf.train.replica_device_setter(2, ps_ops=["Add", "AddV2"]), tf.train.replica_device_setter(2, merge_devices=False),
               tf.train.replica_device_setter(2, ps_device="/gpu:0"), tf.train.replica_device_setter(0),
               tf.train.replica_device_setter(cluster={"worker": ["h:1"]})]
    return _text(tf, *(_devices(tf, setter) for setter in setters))


def program_clusters(tf):
    specs = [tf.train.ClusterSpec({"worker": ["a:1", "b:2"], "ps": ["c:3"]}), tf.train.ClusterSpec({"worker": {1: "a:1", 3: "b:2"}}),
             tf.train.ClusterSpec({})]
    lines = []
    for spec in specs:
        again = tf.train.ClusterSpec(spec.as_cluster_def())
        lines += [sorted(spec.as_dict().items()), again == spec, bool(spec), sorted(spec.jobs), spec.as_cluster_def(),
                  *((job, spec.num_tasks(job), spec.task_indices(job), spec.job_tasks(job),
                     spec.task_address(job, spec.task_indices(job)[0])) for job in sorted(spec.jobs))]
    return _text(tf, *lines)


def program_what_a_supervisor_adds(tf):
    lines = []
    for step in (False, True):
        with tf.Graph().as_default() as graph:
            w = tf.get_variable("w", [2], initializer=tf.zeros_initializer())
            tf.summary.scalar("s", w[0])
            if step:
                tf.train.create_global_step()
            sv = tf.train.Supervisor(save_model_secs=7)
            lines += [op.name for op in graph.get_operations()]
            lines += [sv.init_op.name, sv.ready_op.name, sv.summary_op.name, sv.global_step is not None, sv.save_model_secs, sv.save_path,
                      sv.is_chief, sv.saver.saver_def.filename_tensor_name, graph.finalized]
            lines += [(key, len(graph.get_collection(key))) for key in sorted(map(str, graph.get_all_collection_keys()))]
    return _text(tf, *lines)
