"""How replicas would combine a variable; recorded, as everything runs in one process."""
import enum

from ..core.export import export


@export("VariableSynchronization")
class VariableSynchronization(enum.Enum):
    """When copies of a variable are brought together."""
    AUTO = 0
    NONE = 1
    ON_WRITE = 2
    ON_READ = 3


@export("VariableAggregation")
class VariableAggregation(enum.Enum):
    """How values of several replicas are combined."""
    NONE = 0
    SUM = 1
    MEAN = 2
    ONLY_FIRST_REPLICA = 3
    ONLY_FIRST_TOWER = 3  # noqa: PIE796 - TF1's old name
