"""tensorflow.python.ops.data_flow_ops: what it has besides public names."""
from __future__ import annotations

from ...ops.data_flow.barriers import Barrier as Barrier
from ...ops.data_flow.record_input import RecordInput as RecordInput
from ...ops.data_flow.staging import BaseStagingArea as BaseStagingArea
from ...ops.data_flow.staging import MapStagingArea as MapStagingArea
