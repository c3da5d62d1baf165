//! Words that more than one part of the reader needs.

/// What is defined now and executed later.
pub(super) const ROUTINES: [&str; 6] = ["function", "procedure", "proc", "trigger", "package", "rule"];

/// Types that look like calls in definitions: `varchar(10)`.
pub(super) const TYPES: [&str; 40] = [
    "varchar", "char", "character", "varying", "nvarchar", "nchar", "varchar2", "nvarchar2", "decimal", "numeric", "float",
    "double", "real", "int", "integer", "bigint", "smallint", "tinyint", "mediumint", "bit", "varbit", "binary", "varbinary",
    "time", "timestamp", "timestamptz", "datetime", "datetime2", "datetime64", "datetimeoffset", "number", "enum", "vector",
    "text", "blob", "geometry", "year", "string", "fixedstring", "nullable",
];
