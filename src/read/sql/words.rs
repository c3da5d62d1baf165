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

/// Words before `(` that are no function.
pub(super) const NOT_CALLS: [&str; 87] = [
    "in", "values", "exists", "as", "and", "or", "not", "on", "using", "over", "from", "where", "select", "any", "all",
    "some", "join", "by", "union", "except", "intersect", "minus", "when", "then", "else", "case", "between", "like",
    "ilike", "is", "into", "table", "set", "with", "within", "filter", "returning", "key", "unique", "check", "distinct",
    "row", "array", "interval", "limit", "top", "offset", "having", "only", "recursive", "materialized", "lateral", "value",
    "partition", "cast", "try_cast", "safe_cast", "begin", "explain", "analyze", "vacuum", "index", "references", "sets",
    "rollup", "cube", "pivot", "unpivot", "window", "qualify", "struct", "option", "include", "constraint", "columns",
    "add", "rows", "default", "return", "if", "while", "apply", "copy", "exec", "execute", "call", "perform",
];

/// Words behind which a name in front of `(` is a table, an index or a constraint.
pub(super) const NAMING: [&str; 14] = [
    "into", "table", "references", "update", "index", "on", "function", "procedure", "as", "overwrite", "view", "key",
    "constraint", "exists",
];

/// Functions whose string arguments are SQL that is executed.
pub(super) const CARRIES: [&str; 18] = [
    "dblink", "dblink_exec", "dblink_send_query", "dblink_open", "query_to_xml", "query_to_xml_and_xmlschema", "query_to_xmlschema",
    "cron.schedule", "cron.schedule_in_database", "openquery", "openrowset", "sp_executesql", "sys.sp_executesql",
    "sp_msforeachtable", "sp_msforeachdb", "exec_sql", "execute_sql", "pg_background_launch",
];
