"""The register's tables."""

from boai.registry.models.bulk import BulkCategory, BulkChange
from boai.registry.models.duplicates import DistinctPair, DuplicatePair, LearningRun, LinkageModel, Merge, RowWord
from boai.registry.models.exports import RegisterExport
from boai.registry.models.fixes import CellFix
from boai.registry.models.history import HouseholdEvent, Membership, PastPlace
from boai.registry.models.intake import Finding, Intake, StagedCategory, StagedHousehold, StagedPlace, StagedRow
from boai.registry.models.looks import LookFlag, SensitiveLook, WatchedPerson
from boai.registry.models.mapping import ColumnChoice, ColumnSample
from boai.registry.models.patch import PatchRow
from boai.registry.models.people import CategoryEntry, Household, Resident
from boai.registry.models.rechecks import Recheck
from boai.registry.models.requests import DataRequest

__all__ = [
    "BulkCategory",
    "BulkChange",
    "CategoryEntry",
    "CellFix",
    "ColumnChoice",
    "ColumnSample",
    "DataRequest",
    "DistinctPair",
    "DuplicatePair",
    "Finding",
    "Household",
    "HouseholdEvent",
    "Intake",
    "LearningRun",
    "LinkageModel",
    "LookFlag",
    "Membership",
    "Merge",
    "PastPlace",
    "PatchRow",
    "Recheck",
    "RegisterExport",
    "Resident",
    "RowWord",
    "SensitiveLook",
    "StagedCategory",
    "StagedHousehold",
    "StagedPlace",
    "StagedRow",
    "WatchedPerson",
]
