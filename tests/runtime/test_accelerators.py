"""What programs are told of GPUs: those of JAX where sessions run on the xla engine, none elsewhere."""
import types

import pytest

import graphflow as tf
from graphflow.platform import device_lib
from graphflow.runtime import accelerators


@pytest.fixture
def two_gpus(monkeypatch):
    def device(number):
        return types.SimpleNamespace(platform="gpu", device_kind=f"Maker{number}", memory_stats=lambda: {"bytes_limit": 1 << 34},
                                     compute_capability="9.0")

    cpu = types.SimpleNamespace(platform="cpu", device_kind="cpu", memory_stats=lambda: None)
    monkeypatch.setattr(accelerators, "_late", types.SimpleNamespace(local_devices=lambda: [device(0), device(1), cpu]))
    monkeypatch.setattr(accelerators.importlib.util, "find_spec", lambda name: True)


def test_gpus_are_told_where_sessions_run_on_them(two_gpus, monkeypatch):
    monkeypatch.setenv("GRAPHFLOW_ENGINE", "xla")
    assert tf.test.is_gpu_available() and tf.test.gpu_device_name() == "/device:GPU:0"
    assert tf.test.is_gpu_available(min_cuda_compute_capability=(8, 0)) and not tf.test.is_gpu_available(False, (9, 1))
    assert [d.name for d in tf.config.experimental.list_physical_devices("GPU")] == ["/physical_device:GPU:0", "/physical_device:GPU:1"]
    assert [d.name for d in tf.config.experimental.list_logical_devices()] == ["/device:CPU:0", "/device:GPU:0", "/device:GPU:1"]
    found = device_lib.list_local_devices()
    assert [d.device_type for d in found] == ["CPU", "GPU", "GPU"] and found[2].physical_device_desc == "device: 1, name: Maker1"
    assert found[1].memory_limit == 1 << 34


def test_memory_growth_is_kept_and_hiding_gpus_is_refused(two_gpus, monkeypatch):
    monkeypatch.setenv("GRAPHFLOW_ENGINE", "xla")
    experimental = tf.config.experimental
    first, second = experimental.list_physical_devices("GPU")
    experimental.set_memory_growth(first, True)
    assert experimental.get_memory_growth(first) and not experimental.get_memory_growth(second)
    experimental.set_visible_devices([first, second], "GPU")
    with pytest.raises(NotImplementedError, match="CUDA_VISIBLE_DEVICES"):
        experimental.set_visible_devices([first], "GPU")


@pytest.mark.parametrize("engine", ["numpy", "native", ""])
def test_other_engines_have_no_gpu(two_gpus, monkeypatch, engine):
    monkeypatch.setenv("GRAPHFLOW_ENGINE", engine)
    assert not tf.test.is_gpu_available() and tf.test.gpu_device_name() == ""
    assert [d.device_type for d in device_lib.list_local_devices()] == ["CPU"]
    with tf.Graph().as_default(), tf.Session(config=tf.ConfigProto(engine="numpy")) as session:
        assert [d.device_type for d in session.list_devices()] == ["CPU"]


def test_a_session_lists_the_gpus_of_its_engine(two_gpus):
    assert accelerators.gpus("numpy") == [] and [gpu.kind for gpu in accelerators.gpus("xla")] == ["Maker0", "Maker1"]
