"""tf.contrib.slim.nets: nodes, variables and end points are tf-slim's; small networks give its values and train."""
import numpy as np
import pytest

import graphflow as tf
from tests.contrib import golden

EXPECTED = golden.read("net_programs")
slim, nets = tf.contrib.slim, tf.contrib.slim.nets


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def test_small_resnets_give_what_tf_slim_gives():
    golden.check("net_programs", "program_small_resnets", EXPECTED["program_small_resnets"])


@pytest.mark.parametrize("name", sorted(set(EXPECTED) - {"program_small_resnets"}))
def test_large_nets_are_built_as_tf_slim_builds_them(name):
    golden.check_built("net_programs", name, EXPECTED[name])


def test_nets_are_found_where_programs_look_for_them():
    assert slim.python.slim.nets.resnet_v1.resnet_v1_50 is nets.resnet_v1.resnet_v1_50
    assert nets.inception.inception_v3 is nets.inception_v3.inception_v3 and nets.vgg.vgg_d is nets.vgg.vgg_16
    assert (nets.vgg.vgg_16.default_image_size, nets.inception_v3.inception_v3.default_image_size) == (224, 299)


def test_a_net_takes_one_training_step():
    tf.set_random_seed(0)
    with slim.arg_scope(nets.inception_v3.inception_v3_arg_scope()):
        net, _ = nets.inception_v3.inception_v3_base(tf.constant(np.random.RandomState(0).rand(2, 75, 75, 3), tf.float32), "Mixed_6a",
                                                     depth_multiplier=0.1, min_depth=2)
    loss = tf.losses.softmax_cross_entropy([[1.0, 0], [0, 1]], slim.fully_connected(slim.flatten(net), 2, None))
    step = slim.learning.create_train_op(loss, tf.train.GradientDescentOptimizer(0.01))
    losses = [slim.learning.train(step, None, number_of_steps=n) for n in (1, 8)]
    assert losses[1] < losses[0]


def test_end_points_that_are_not_there_are_refused():
    with pytest.raises(ValueError, match="Unknown final endpoint Mixed_9: one of Conv2d_1a_7x7"):
        nets.inception_v1.inception_v1_base(tf.ones([1, 64, 64, 3]), "Mixed_9")
    blocks = [nets.resnet_v1.resnet_v1_block("block1", 2, 1, 2)]
    with pytest.raises(ValueError, match="The target output_stride cannot be reached"):
        nets.resnet_v1.resnet_v1(tf.ones([1, 33, 33, 3]), blocks, output_stride=16)
    with pytest.raises(ValueError, match="multiple of 4"):
        nets.resnet_v1.resnet_v1(tf.ones([1, 33, 33, 3]), blocks, output_stride=6, scope="other")
    with pytest.raises(ValueError, match="depth_multiplier is not greater than zero"):
        nets.inception_v3.inception_v3(tf.ones([1, 299, 299, 3]), depth_multiplier=0)


def test_models_are_analyzed(capsys):
    slim.fully_connected(tf.ones([2, 3]), 4, scope="fc")
    assert slim.model_analyzer.analyze_vars(tf.trainable_variables(), print_info=True) == (16, 64)
    shown = capsys.readouterr().out
    assert "fc/weights:0 (float32_ref 3x4) [12, bytes: 48]" in shown or "fc/weights:0 (float32 3x4) [12, bytes: 48]" in shown
    assert slim.model_analyzer.analyze_ops(tf.get_default_graph()) > 16
