"""A loop over time, and its gradient, over eight virtual devices."""
import os
import subprocess
import sys

import pytest

pytest.importorskip("jax")


@pytest.mark.slow
def test_an_lstm_trains_on_eight_devices_as_on_one():
    done = subprocess.run([sys.executable, "-m", "tests.runtime.mesh_programs", "recurrent"], capture_output=True, text=True, timeout=600,
                          env={**os.environ, "XLA_FLAGS": "--xla_force_host_platform_device_count=8"})
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.count("agrees") == 2
