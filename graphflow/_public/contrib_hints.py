"""What to use in place of the parts of tf.contrib that graphflow leaves out: names, apart by spaces -> advice.

The first that fits is said.
"""

HINTS = {
    "contrib.cudnn_rnn": "its layers run on NVIDIA's library only; use tf.nn.rnn_cell.LSTMCell or tf.nn.rnn_cell.GRUCell with "
                         "tf.nn.dynamic_rnn",
    "contrib.tpu contrib.cluster_resolver": "there are no TPUs here; tf.contrib.tpu.TPUEstimator(use_tpu=False) runs on the CPU",
    "contrib.distribute contrib.all_reduce contrib.nccl contrib.mpi": "everything runs in one process: use tf.Session",
    "contrib.boosted_trees": "boosted trees are not there; use scikit-learn's, and feed what they predict, or tf.contrib.tensor_forest",
    "contrib.learn": "this part is not there: use tf.estimator, or tf.Session with a training loop; data sets are read by tf.data",
    "contrib.quantize contrib.lite contrib.tensorrt contrib.coreml": "graphs are not converted for other runtimes here; export a "
                                                                      "tf.saved_model and convert that with TensorFlow",
    "contrib.bayesflow contrib.distributions": "it is not there: see dir(tf.distributions) for families that are; write other densities "
                                               "with tf.math",
    "contrib.ffmpeg contrib.cloud contrib.kafka contrib.hadoop": "it reads from services that are not there; read the files with tf.data",
    "contrib": "this part of tf.contrib is not there: it was never part of TensorFlow's stable interface, and most of it has a home in "
               "the core API: tf.nn, tf.layers, tf.initializers, tf.losses, tf.metrics, tf.train",
}
