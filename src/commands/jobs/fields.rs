//! The fields of a job that can be set.

use crate::cli::Field;

const NUMBER: &str = "number";
const TEXTS: &str = "list of texts";
/// The type is not documented.
const OPEN: &str = "";

/// The update keys that the documentation names (API.md, section 9). There may be more.
pub(super) const FIELDS: &[Field] = &[
    Field::new("jobTitle", Field::TEXT),
    Field::new("jobDescription", Field::TEXT),
    Field::new("labelingOverview", Field::TEXT),
    Field::new("datasetDescription", Field::TEXT),
    Field::new("dataType", Field::TEXT),
    Field::new("subjectMatter", Field::TEXT),
    Field::new("labelingSoftware", Field::TEXT),
    Field::new("aiInterviewRequirements", Field::TEXT),
    Field::new("pricePerHour", NUMBER),
    Field::new("pricePerLabel", NUMBER),
    Field::new("fixedPrice", NUMBER),
    Field::new("headcount", NUMBER),
    Field::new("dataVolume", NUMBER),
    Field::new("languages", TEXTS),
    Field::new("countries", TEXTS),
    Field::new("labelTypes", TEXTS),
    Field::one_of(
        "paymentType",
        &["PAY_PER_LABEL", "PAY_PER_HOUR", "FIXED_PRICE"],
    ),
    Field::one_of(
        "experienceLevel",
        &[
            "EXPERT",
            "ENTRY_LEVEL",
            "INTERMEDIATE",
            "ANY_EXPERIENCE_LEVEL",
        ],
    ),
    Field::one_of(
        "dataVolumeUnit",
        &[
            "HOURS_OF_RECORDING_AUDIO_VIDEO",
            "NUMBER_OF_FILES",
            "NUMBER_OF_WORDS",
            "UNKNOWN_NOT_SPECIFIED",
        ],
    ),
    Field::new("budgetRange", OPEN),
    Field::new("workloadDesc", OPEN),
    Field::new("timeRequirement", OPEN),
    Field::new("projectDuration", OPEN),
    Field::new("freelancerType", OPEN),
    Field::new("projectScope", OPEN),
    Field::new("visibility", OPEN),
];
