"""Plans are looked at as the numpy engine runs them: as they are after the passes."""
import pytest


@pytest.fixture(autouse=True)
def engine(monkeypatch):
    monkeypatch.setenv("GRAPHFLOW_ENGINE", "numpy")
