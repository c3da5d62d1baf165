//! One tool call, as the client hands it over, in the guard's own types.

use crate::context::Variables;
use crate::deadline::Deadline;

/// A call that is to be judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The tool and what it was given.
    pub tool: ToolCall,
    /// The session's working directory; it follows the agent's `cd`.
    pub cwd: String,
    /// The user's home directory, from the process environment. The client doesn't let a project set it.
    pub home: Option<String>,
    /// The project's root (`CLAUDE_PROJECT_DIR`). The client doesn't let a project set it.
    pub project: Option<String>,
    /// How the session treats calls that nobody has an opinion on.
    pub mode: Mode,
    /// The session's id.
    pub session: Option<String>,
    /// The id that joins this call with what is later reported about it.
    pub tool_use_id: Option<String>,
    /// The text held half a surrogate pair, which no `String` can; U+FFFD stands in its place. What the tool would
    /// get is therefore not exactly what is judged.
    pub damaged: bool,
    /// When the answer must be out; if nobody has looked at the clock yet, [`Deadline::PER_CALL`] from when the judge does.
    pub deadline: Option<Deadline>,
    /// The variables that programs would see. They may make an answer stricter, never milder: a project's settings can set
    /// them.
    pub variables: Variables,
}

impl Call {
    /// A call about which nothing more is known.
    pub fn new(tool: ToolCall, cwd: impl Into<String>) -> Self {
        Self {
            tool,
            cwd: cwd.into(),
            home: None,
            project: None,
            mode: Mode::Default,
            session: None,
            tool_use_id: None,
            damaged: false,
            deadline: None,
            variables: Variables::default(),
        }
    }
}

/// The tools that the guard reads, each with the part of its input that says what it would do.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ToolCall {
    /// A shell command.
    Bash {
        /// The command line. It may span lines.
        command: String,
        /// What the agent says that it does: a claim, never evidence.
        description: Option<String>,
    },
    /// A command whose output is watched.
    Monitor {
        /// The command line; none where a web socket is watched instead.
        command: Option<String>,
    },
    /// A PowerShell command.
    PowerShell {
        /// The command line.
        command: String,
    },
    /// A file is written whole.
    Write {
        /// The file; the client has made it absolute.
        path: String,
        /// Its new content.
        content: String,
    },
    /// A piece of a file is replaced.
    Edit {
        /// The file; the client has made it absolute.
        path: String,
        /// The text that goes.
        old: String,
        /// The text that comes.
        new: String,
        /// Every occurrence, not only one.
        all: bool,
    },
    /// A notebook cell is replaced, inserted or deleted.
    NotebookEdit {
        /// The notebook; the client has made it absolute.
        path: String,
        /// The cell's new source.
        source: String,
        /// Which cell.
        cell: Option<String>,
        /// `replace`, `insert` or `delete`, as far as is known.
        edit: Option<String>,
    },
    /// A tool of an MCP server.
    Mcp {
        /// The full tool name, `mcp__<server>__<tool>`.
        name: String,
        /// The server's name as it is configured; the tool name holds it only normalised. Absent before 2.1.274.
        server: Option<String>,
        /// Where the server comes from: `user`, `project`, `plugin`… (an open set).
        source: Option<String>,
        /// The arguments. The client hasn't checked them against the tool's schema.
        input: serde_json::Value,
    },
    /// Any other tool, by name: none of the guard's business.
    Other(String),
}

impl ToolCall {
    /// The tool's name, as the client says it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Bash { .. } => "Bash",
            Self::Monitor { .. } => "Monitor",
            Self::PowerShell { .. } => "PowerShell",
            Self::Write { .. } => "Write",
            Self::Edit { .. } => "Edit",
            Self::NotebookEdit { .. } => "NotebookEdit",
            Self::Mcp { name, .. } | Self::Other(name) => name,
        }
    }
}

/// The session's permission mode. It never lowers a decision.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The client asks (also shown as "Manual").
    Default,
    /// The agent plans, and changes nothing.
    Plan,
    /// Edits of files aren't asked about.
    AcceptEdits,
    /// A classifier answers in the person's place.
    Auto,
    /// What would be asked is refused.
    DontAsk,
    /// Nothing is asked.
    BypassPermissions,
    /// A mode that this version doesn't know, or an empty name where the client named none.
    Other(String),
}

impl Mode {
    /// The mode of this name.
    pub fn named(name: &str) -> Self {
        match name {
            "default" => Self::Default,
            "plan" => Self::Plan,
            "acceptEdits" => Self::AcceptEdits,
            "auto" => Self::Auto,
            "dontAsk" => Self::DontAsk,
            "bypassPermissions" => Self::BypassPermissions,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Its name, as the client says it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Default => "default",
            Self::Plan => "plan",
            Self::AcceptEdits => "acceptEdits",
            Self::Auto => "auto",
            Self::DontAsk => "dontAsk",
            Self::BypassPermissions => "bypassPermissions",
            Self::Other(name) => name,
        }
    }
}
