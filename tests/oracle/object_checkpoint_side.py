"""One program of both sides in test_object_checkpoints: saves a model by tf.train.Checkpoint, or restores both sides' checkpoints.

Run: python -m tests.oracle.object_checkpoint_side save|load FOLDER NAME
"""

import json
import sys
from pathlib import Path


def model(tf, start):
    """(training operation, checkpoint of everything)."""
    v = tf.get_variable(f"v{start}", [2], initializer=tf.constant_initializer(start))
    w = tf.get_variable(f"scope/w{start}", [3], initializer=tf.constant_initializer(2.0 * start), use_resource=True)
    adam, momentum, step = tf.train.AdamOptimizer(0.1), tf.train.MomentumOptimizer(0.1, 0.9), tf.train.get_or_create_global_step()
    loss = tf.reduce_sum(v * v) + tf.reduce_sum(w)
    train = tf.group(adam.minimize(loss, global_step=step), momentum.minimize(loss, var_list=[v]))
    optimizers = {"adam": adam, "mo/men.tum": momentum}
    return train, tf.train.Checkpoint(o=optimizers, inner=tf.train.Checkpoint(w=w), step=step, both=[v, w], nothing=[])


def values(tf, session):
    ours = sorted(tf.global_variables(), key=lambda v: v.name.translate(str.maketrans("", "", "0123456789")))
    return [session.run(v).tolist() for v in ours]


def save(tf, folder, name):
    train, checkpoint = model(tf, 1)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(3):
            session.run(train)
        checkpoint.save(f"{folder}/{name}/ck", session=session)
        with session.as_default():
            manager = tf.train.CheckpointManager(checkpoint, f"{folder}/{name}_managed", max_to_keep=2)
            for _ in range(3):
                manager.save()
        return values(tf, session)


def load(tf, folder, name):
    found = {}
    for saved in ("ours", "theirs", "ours_managed", "theirs_managed"):
        with tf.Graph().as_default(), tf.Session() as session:
            _, checkpoint = model(tf, 5)
            checkpoint.restore(tf.train.latest_checkpoint(f"{folder}/{saved}")).assert_consumed().initialize_or_restore(session)
            found[saved] = values(tf, session)
    return found


def main(work, folder, name):
    import tensorflow.compat.v1 as tf

    tf.disable_v2_behavior()
    tf.logging.set_verbosity(tf.logging.ERROR)
    found = {"save": save, "load": load}[work](tf, folder, name)
    (Path(folder) / f"{name}_{work}.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
