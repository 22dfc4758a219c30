"""Networks of tf.contrib.slim.nets, compared with tf-slim's: variables, end points, losses, and the values of small ones."""
import numpy as np

from tests.contrib.layer_programs import contrib, prepare  # noqa: F401


def nets(tf):
    if hasattr(tf, "contrib"):
        return tf.contrib.slim.nets
    import importlib

    class Nets:
        def __getattr__(self, name):
            return importlib.import_module(f"tf_slim.nets.{name}")
    return Nets()


def _said(tf, end_points):
    """Variables, end points and regularization losses, as the bytes of one text."""
    lines = [f"{v.name} {v.shape}" for v in tf.global_variables()]
    lines += [f"{name}: {tensor.name} {tensor.shape}" for name, tensor in end_points.items()]
    lines += [loss.name for loss in tf.get_collection("regularization_losses")]
    lines += [str(len(tf.get_collection("update_ops"))), str(len(tf.get_collection("moving_vars")))]
    return tf.constant(np.frombuffer("\n".join(lines).encode(), np.uint8))


def _images(tf, size, n=1):
    return tf.constant(np.random.RandomState(0).rand(n, size, size, 3).astype(np.float32))


def program_small_resnets(tf):
    tf.set_random_seed(1)
    slim, found, ends = contrib(tf), [], {}
    for module in (nets(tf).resnet_v1, nets(tf).resnet_v2):
        make = module.resnet_v1 if hasattr(module, "resnet_v1") else module.resnet_v2
        block = module.resnet_v1_block if hasattr(module, "resnet_v1") else module.resnet_v2_block
        blocks = [block("block1", 2, 2, 2), block("block2", 4, 2, 2), block("block3", 4, 1, 1)]
        with slim.arg_scope(nets(tf).resnet_utils.resnet_arg_scope(weight_decay=0.1)):
            net, end_points = make(_images(tf, 33, 2), blocks, 5)
            dense, more = make(_images(tf, 33), blocks, None, is_training=False, global_pool=False, output_stride=8,
                               scope=f"dense{len(found)}")
        found += [net, dense]
        ends = {**ends, **end_points, **more}
    return [*found, _said(tf, ends)]


def program_resnet_50(tf):
    slim = contrib(tf)
    with slim.arg_scope(nets(tf).resnet_v1.resnet_arg_scope()):
        _, ends = nets(tf).resnet_v1.resnet_v1_50(_images(tf, 64), 10, is_training=False)
    with slim.arg_scope(nets(tf).resnet_v2.resnet_arg_scope()):
        _, more = nets(tf).resnet_v2.resnet_v2_101(_images(tf, 64), 10, is_training=False)
    return [_said(tf, {**ends, **more})]


def program_plain_nets(tf):
    slim, said = contrib(tf), {}
    with slim.arg_scope(nets(tf).vgg.vgg_arg_scope()):
        said.update(nets(tf).vgg.vgg_16(_images(tf, 224), 10)[1])
        said.update(nets(tf).vgg.vgg_19(_images(tf, 256), 10, is_training=False, spatial_squeeze=False)[1])
    with slim.arg_scope(nets(tf).alexnet.alexnet_v2_arg_scope()):
        said.update(nets(tf).alexnet.alexnet_v2(_images(tf, 224), 10)[1])
    with slim.arg_scope(nets(tf).overfeat.overfeat_arg_scope()):
        said.update(nets(tf).overfeat.overfeat(_images(tf, 231), 10)[1])
    return [_said(tf, said)]


def program_inception(tf):
    slim, said = contrib(tf), {}
    with slim.arg_scope(nets(tf).inception_v1.inception_v1_arg_scope()):
        said.update(nets(tf).inception_v1.inception_v1(_images(tf, 224), 10)[1])
    with slim.arg_scope(nets(tf).inception_v3.inception_v3_arg_scope()):
        said.update({f"3{name}": v for name, v in nets(tf).inception_v3.inception_v3(_images(tf, 299), 10)[1].items()})
        _, ends = nets(tf).inception_v3.inception_v3_base(_images(tf, 96), "Mixed_6b", depth_multiplier=0.5, scope="base")
    said.update({f"base{name}": v for name, v in ends.items()})
    return [_said(tf, said)]
