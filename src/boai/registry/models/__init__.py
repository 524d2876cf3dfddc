"""The register's tables."""

from boai.registry.models.duplicates import DistinctPair, DuplicatePair, LinkageModel, Merge
from boai.registry.models.exports import RegisterExport
from boai.registry.models.intake import Finding, Intake, StagedCategory, StagedHousehold, StagedPlace, StagedRow
from boai.registry.models.looks import LookFlag, SensitiveLook, WatchedPerson
from boai.registry.models.people import CategoryEntry, Household, Resident
from boai.registry.models.requests import DataRequest

__all__ = [
    "CategoryEntry",
    "DataRequest",
    "DistinctPair",
    "DuplicatePair",
    "Finding",
    "Household",
    "Intake",
    "LinkageModel",
    "LookFlag",
    "Merge",
    "RegisterExport",
    "Resident",
    "SensitiveLook",
    "StagedCategory",
    "StagedHousehold",
    "StagedPlace",
    "StagedRow",
    "WatchedPerson",
]
