"""The register's tables."""

from boai.registry.models.intake import Finding, Intake, StagedCategory, StagedHousehold, StagedPlace, StagedRow
from boai.registry.models.people import CategoryEntry, Household, Resident

__all__ = [
    "CategoryEntry",
    "Finding",
    "Household",
    "Intake",
    "Resident",
    "StagedCategory",
    "StagedHousehold",
    "StagedPlace",
    "StagedRow",
]
