"""The register's tables."""

from boai.registry.models.duplicates import DistinctPair, DuplicatePair, LinkageModel, Merge
from boai.registry.models.fixes import CellFix
from boai.registry.models.intake import Finding, Intake, StagedCategory, StagedHousehold, StagedPlace, StagedRow
from boai.registry.models.mapping import ColumnChoice, ColumnSample
from boai.registry.models.patch import PatchRow
from boai.registry.models.people import CategoryEntry, Household, Resident

__all__ = [
    "CategoryEntry",
    "CellFix",
    "ColumnChoice",
    "ColumnSample",
    "DistinctPair",
    "DuplicatePair",
    "Finding",
    "Household",
    "Intake",
    "LinkageModel",
    "Merge",
    "PatchRow",
    "Resident",
    "StagedCategory",
    "StagedHousehold",
    "StagedPlace",
    "StagedRow",
]
