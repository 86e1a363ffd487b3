"""REST of the register: its rows, and the gate for machines."""

from explain.register.api.gate import Gate
from explain.register.api.rows import DataSets, Features, Model, Models, OneDataSet, project_for

__all__ = ["DataSets", "Features", "Gate", "Model", "Models", "OneDataSet", "project_for"]
