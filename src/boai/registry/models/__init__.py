"""The register's tables."""

from boai.registry.models.bulk import BulkCategory, BulkChange
from boai.registry.models.consents import Consent
from boai.registry.models.duplicates import DistinctPair, DuplicatePair, LearningRun, LinkageModel, Merge, RowWord
from boai.registry.models.exports import RegisterExport
from boai.registry.models.fixes import CellFix
from boai.registry.models.history import HouseholdEvent, Membership, PastPlace
from boai.registry.models.intake import (
    Finding,
    Intake,
    IntakeFile,
    ReadingMark,
    StagedCategory,
    StagedHousehold,
    StagedPlace,
    StagedRow,
)
from boai.registry.models.keeping import (
    Emergency,
    EmergencyTag,
    RetentionCount,
    RetentionProposal,
    RetentionRun,
)
from boai.registry.models.looks import DeclaredRelative, LookFlag, SensitiveLook, WatchedPerson
from boai.registry.models.mapping import ColumnChoice, ColumnSample
from boai.registry.models.patch import PatchRow
from boai.registry.models.people import CategoryEntry, Household, Resident
from boai.registry.models.rechecks import Recheck
from boai.registry.models.requests import DataRequest
from boai.registry.models.returned import ReturnedCell, ReturnedWorkbook

__all__ = [
    "BulkCategory",
    "BulkChange",
    "CategoryEntry",
    "CellFix",
    "ColumnChoice",
    "ColumnSample",
    "Consent",
    "DataRequest",
    "DeclaredRelative",
    "DistinctPair",
    "DuplicatePair",
    "Emergency",
    "EmergencyTag",
    "Finding",
    "Household",
    "HouseholdEvent",
    "Intake",
    "IntakeFile",
    "LearningRun",
    "LinkageModel",
    "LookFlag",
    "Membership",
    "Merge",
    "PastPlace",
    "PatchRow",
    "ReadingMark",
    "Recheck",
    "RegisterExport",
    "Resident",
    "RetentionCount",
    "RetentionProposal",
    "RetentionRun",
    "ReturnedCell",
    "ReturnedWorkbook",
    "RowWord",
    "SensitiveLook",
    "StagedCategory",
    "StagedHousehold",
    "StagedPlace",
    "StagedRow",
    "WatchedPerson",
]
