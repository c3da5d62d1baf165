//! What stands below the options in `--help`: examples, and what the exit codes mean.

pub(super) const ALL: &str = "\
Examples:
  countersign hook < call.json      judge one call, as the client has it done
  countersign check                 are the policies that count here right?
  countersign log --since 1d        what was asked about and denied
  countersign replay                what would have been, in all past sessions

`countersign COMMAND --help` says more about each, with examples and exit codes.";

pub(super) const HOOK: &str = "\
Examples:
  countersign hook < examples/calls/terraform-destroy.json
  echo '{\"hook_event_name\":\"PreToolUse\",\"tool_name\":\"Bash\",\"tool_input\":{\"command\":\"rm -rf /\"},\"cwd\":\"/tmp\"}' | countersign hook

Exit codes: 0: the call is allowed, asked about, or left to the client; the answer is the JSON on stdout. 2: it is denied,
or couldn't be read; the reason is on stderr.";

pub(super) const INSTALL: &str = "\
Examples:
  countersign install --dry-run                 what would change in your own settings
  countersign install                           register it there, and try it
  countersign install --project                 for all who work on the project here
  sudo countersign install --managed            for everybody on this machine

Exit codes: 0: it is registered, and a call that it must stop was stopped. 1: it isn't, and the settings are as they were.
2: the command line is wrong.";

pub(super) const UNINSTALL: &str = "\
Examples:
  countersign uninstall --dry-run               what would change
  countersign uninstall                         put back your own settings as they were
  countersign uninstall --project

It needs a terminal with a person at it.

Exit codes: 0: it is no longer registered there. 1: the settings can't be changed. 2: the command line is wrong.";

pub(super) const DOCTOR: &str = "\
Examples:
  countersign doctor                            is the agent guarded in this directory?
  countersign doctor --json | jq '.'
  countersign doctor > /dev/null || exit 1      in CI

Exit codes: 0: nothing fails; there may be warnings. 1: something fails. 2: the command line is wrong.";

pub(super) const RULES: &str = "\
Examples:
  countersign rules                             an overview
  countersign rules terraform                   what is stopped of a program, and what is allowed
  countersign rules git.push-force              one rule
  countersign rules --json kubectl

Exit codes: 0: it is shown. 1: nothing is known of it. 2: the command line is wrong.";

pub(super) const CHECK: &str = "\
Examples:
  countersign check                             the files that count in this directory
  countersign check examples/policies/team.toml
  countersign check --layer project new.toml    as the policy of a project

Exit codes: 0: all is right. 1: something is wrong, or can't be read. 2: the command line is wrong.";

pub(super) const POLICY: &str = "\
Examples:
  countersign policy                            what counts in this directory, and where it comes from
  countersign policy --rules | grep terraform   what becomes of these rules here
  countersign policy --schema > policy.schema.json

Exit codes: 0: it is shown. 1: a file that counts here is broken; it is shown all the same. 2: the command line is wrong.";

pub(super) const TRUST: &str = "\
Examples:
  countersign trust                             the files of the project here, after showing them
  countersign trust ~/shop/.claude/countersign.toml

It needs a terminal with a person at it. Whatever changes in the file ends the trust.

Exit codes: 0: it is trusted. 1: it isn't: nobody typed the word, or there is no such file. 2: the command line is wrong.";

pub(super) const UNTRUST: &str = "\
Examples:
  countersign untrust                           the files of the project here
  countersign untrust ~/shop/.claude/countersign.toml

Exit codes: 0: it is no longer trusted. 1: no such file was. 2: the command line is wrong.";

pub(super) const COMPLETIONS: &str = "\
Examples:
  source <(countersign completions bash)        in ~/.bashrc
  countersign completions zsh > ~/.zfunc/_countersign
  countersign completions fish > ~/.config/fish/completions/countersign.fish
  countersign completions powershell | Out-String | Invoke-Expression

Exit codes: 0: it is printed. 2: the command line is wrong.";
