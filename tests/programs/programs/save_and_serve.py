# A SavedModel with a signature: written, read again in another graph.
import os
import numpy as np
import tensorflow as tf

with tf.Graph().as_default(), tf.Session() as sess:
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    w = tf.Variable([[1.0], [2.0]], name="w")
    y = tf.add(tf.matmul(x, w), 0.5, name="y")
    sess.run(tf.global_variables_initializer())
    builder = tf.saved_model.builder.SavedModelBuilder("export/1")
    signature = tf.saved_model.signature_def_utils.build_signature_def(
        inputs={"images": tf.saved_model.utils.build_tensor_info(x)}, outputs={"scores": tf.saved_model.utils.build_tensor_info(y)},
        method_name=tf.saved_model.signature_constants.PREDICT_METHOD_NAME)
    builder.add_meta_graph_and_variables(sess, [tf.saved_model.tag_constants.SERVING], signature_def_map={"predict": signature})
    builder.save()
print(sorted(os.listdir("export/1")), sorted(os.listdir("export/1/variables")))
with tf.Graph().as_default() as graph, tf.Session() as sess:
    meta = tf.saved_model.loader.load(sess, [tf.saved_model.tag_constants.SERVING], "export/1")
    signature = meta.signature_def["predict"]
    names = signature.inputs["images"].name, signature.outputs["scores"].name
    print(names, signature.method_name)
    print(sess.run(names[1], {names[0]: np.array([[1, 1], [0, 3]])}).tolist())
    frozen = tf.graph_util.convert_variables_to_constants(sess, graph.as_graph_def(), ["y"])
    tf.train.write_graph(frozen, ".", "frozen.pb", as_text=False)
definition = tf.GraphDef()
with tf.gfile.FastGFile("frozen.pb", "rb") as f:
    definition.ParseFromString(f.read())
with tf.Graph().as_default(), tf.Session() as sess:
    x, y = tf.import_graph_def(definition, return_elements=["x:0", "y:0"], name="")
    print(sess.run(y, {x: [[2.0, 2.0]]}).tolist(), sorted({n.op for n in definition.node}))
