# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_countersign_global_optspecs
    string join \n h/help V/version
end

function __fish_countersign_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_countersign_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_countersign_using_subcommand
    set -l cmd (__fish_countersign_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c countersign -n "__fish_countersign_needs_command" -s h -l help -d 'Print help'
complete -c countersign -n "__fish_countersign_needs_command" -s V -l version -d 'Print version'
complete -c countersign -n "__fish_countersign_needs_command" -f -a "hook" -d 'Judge one call: reads a Claude Code event on stdin, answers on stdout'
complete -c countersign -n "__fish_countersign_needs_command" -f -a "install" -d 'Register this program in the settings of Claude Code, and try it'
complete -c countersign -n "__fish_countersign_needs_command" -f -a "uninstall" -d 'Take it out of the settings of Claude Code again, and put back what was there'
complete -c countersign -n "__fish_countersign_needs_command" -f -a "doctor" -d 'Look whether calls are really guarded here'
complete -c countersign -n "__fish_countersign_needs_command" -f -a "check" -d 'Check policy files, and what they expect of calls'
complete -c countersign -n "__fish_countersign_needs_command" -f -a "policy" -d 'Show the policy that counts here, and where each setting comes from'
complete -c countersign -n "__fish_countersign_needs_command" -f -a "explain" -d 'Show how a call comes to its decision: what was read in it, what was found, and which policy decides'
complete -c countersign -n "__fish_countersign_needs_command" -f -a "log" -d 'Show what was asked about and denied, the newest last'
complete -c countersign -n "__fish_countersign_needs_command" -f -a "rules" -d 'Show what is known of a tool: what is stopped, what is allowed, and how that was checked'
complete -c countersign -n "__fish_countersign_needs_command" -f -a "approve" -d 'Let one denied call pass, once: look at it, and type what is at stake'
complete -c countersign -n "__fish_countersign_needs_command" -f -a "replay" -d 'Judge the calls of past sessions: what would have been asked about, denied and allowed'
complete -c countersign -n "__fish_countersign_needs_command" -f -a "trust" -d 'Trust a project\'s policy file as it is now, so that it may also loosen'
complete -c countersign -n "__fish_countersign_needs_command" -f -a "untrust" -d 'Trust a project\'s policy file no longer'
complete -c countersign -n "__fish_countersign_needs_command" -f -a "completions" -d 'Print a script that completes commands and options in a shell'
complete -c countersign -n "__fish_countersign_using_subcommand hook" -s h -l help -d 'Print help'
complete -c countersign -n "__fish_countersign_using_subcommand install" -l user -d 'Your own settings, for every project (the default)'
complete -c countersign -n "__fish_countersign_using_subcommand install" -l project -d 'The project\'s settings, for everybody who works on it'
complete -c countersign -n "__fish_countersign_using_subcommand install" -l local -d 'Your own settings for this project'
complete -c countersign -n "__fish_countersign_using_subcommand install" -l managed -d 'The settings of this machine, which nobody but an administrator can change'
complete -c countersign -n "__fish_countersign_using_subcommand install" -l dry-run -d 'Only show what would change'
complete -c countersign -n "__fish_countersign_using_subcommand install" -s h -l help -d 'Print help'
complete -c countersign -n "__fish_countersign_using_subcommand uninstall" -l user -d 'Your own settings, for every project (the default)'
complete -c countersign -n "__fish_countersign_using_subcommand uninstall" -l project -d 'The project\'s settings, for everybody who works on it'
complete -c countersign -n "__fish_countersign_using_subcommand uninstall" -l local -d 'Your own settings for this project'
complete -c countersign -n "__fish_countersign_using_subcommand uninstall" -l managed -d 'The settings of this machine, which nobody but an administrator can change'
complete -c countersign -n "__fish_countersign_using_subcommand uninstall" -l dry-run -d 'Only show what would change'
complete -c countersign -n "__fish_countersign_using_subcommand uninstall" -s h -l help -d 'Print help'
complete -c countersign -n "__fish_countersign_using_subcommand doctor" -l json -d 'Print JSON'
complete -c countersign -n "__fish_countersign_using_subcommand doctor" -s h -l help -d 'Print help'
complete -c countersign -n "__fish_countersign_using_subcommand check" -l layer -d 'Read it as the policy of this layer' -r -f -a "managed\t''
user\t''
project\t''
local\t''"
complete -c countersign -n "__fish_countersign_using_subcommand check" -s h -l help -d 'Print help'
complete -c countersign -n "__fish_countersign_using_subcommand policy" -l schema -d 'Print the JSON schema of policy files, for editors'
complete -c countersign -n "__fish_countersign_using_subcommand policy" -l rules -d 'Print the ids of all rules, with their classes and what becomes of them here'
complete -c countersign -n "__fish_countersign_using_subcommand policy" -s h -l help -d 'Print help'
complete -c countersign -n "__fish_countersign_using_subcommand explain" -l color -d 'When to use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c countersign -n "__fish_countersign_using_subcommand explain" -l powershell -d 'It is a PowerShell command'
complete -c countersign -n "__fish_countersign_using_subcommand explain" -l mcp -d 'It is a tool of an MCP server, as `mcp__<server>__<tool>`'
complete -c countersign -n "__fish_countersign_using_subcommand explain" -l json -d 'Print it as JSON, for programs'
complete -c countersign -n "__fish_countersign_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c countersign -n "__fish_countersign_using_subcommand log" -l since -d 'Not before: `90s`, `30m`, `2h`, `7d` ago, or a day or time (`2026-11-01`, `2026-11-01T14:30`)' -r
complete -c countersign -n "__fish_countersign_using_subcommand log" -l until -d 'Before: the same' -r
complete -c countersign -n "__fish_countersign_using_subcommand log" -l decision -d 'Only these: `ask`, `deny`, `observed`, `approved`, and where policy records them, `allow` and `none`' -r -f -a "ask\t''
deny\t''
observed\t''
approved\t''
allow\t''
none\t''"
complete -c countersign -n "__fish_countersign_using_subcommand log" -l rule -d 'Only what this rule stopped: an id, a glob of ids, or a pack' -r
complete -c countersign -n "__fish_countersign_using_subcommand log" -l session -d 'Only this session: its id, or how that begins' -r
complete -c countersign -n "__fish_countersign_using_subcommand log" -l project -d 'Only this project or directory, and what lies below it' -r -F
complete -c countersign -n "__fish_countersign_using_subcommand log" -l grep -d 'Only where the call or the reason holds this text; capitals and small letters are the same' -r
complete -c countersign -n "__fish_countersign_using_subcommand log" -s n -d 'Only the last N; 0 for all. Otherwise the last 20 on a terminal, and all in a pipe' -r
complete -c countersign -n "__fish_countersign_using_subcommand log" -l json -d 'Print the lines as they are in the journal, for programs'
complete -c countersign -n "__fish_countersign_using_subcommand log" -s f -l follow -d 'Go on with what comes, until Ctrl-C'
complete -c countersign -n "__fish_countersign_using_subcommand log" -s h -l help -d 'Print help'
complete -c countersign -n "__fish_countersign_using_subcommand rules" -l json -d 'Print JSON'
complete -c countersign -n "__fish_countersign_using_subcommand rules" -s h -l help -d 'Print help'
complete -c countersign -n "__fish_countersign_using_subcommand approve" -l request -d 'Print a letter about this call, to be signed' -r
complete -c countersign -n "__fish_countersign_using_subcommand approve" -l sign -d 'Look at such a letter, and sign it with `ssh-keygen`; the signature lies beside it, as LETTER.sig' -r -F
complete -c countersign -n "__fish_countersign_using_subcommand approve" -l key -d 'The private key to sign with (or the public one, if the agent of ssh has the other); the first of ~/.ssh, if none is named' -r -F
complete -c countersign -n "__fish_countersign_using_subcommand approve" -l apply -d 'Check a signature, and let the call pass once; the letter must lie beside it' -r -F
complete -c countersign -n "__fish_countersign_using_subcommand approve" -s h -l help -d 'Print help'
complete -c countersign -n "__fish_countersign_using_subcommand replay" -l since -d 'Not before: `90s`, `30m`, `2h`, `7d` ago, or a day or time (`2026-11-01`, `2026-11-01T14:30`)' -r
complete -c countersign -n "__fish_countersign_using_subcommand replay" -l until -d 'Before: the same' -r
complete -c countersign -n "__fish_countersign_using_subcommand replay" -l project -d 'Only projects like this: a name (`shop`, `shop-*`), or a path and what lies below it' -r
complete -c countersign -n "__fish_countersign_using_subcommand replay" -l policy -d 'Compare with this policy file in place of the one of its layer' -r -F
complete -c countersign -n "__fish_countersign_using_subcommand replay" -l layer -d 'The layer of that file; without it, the one that it lies in, or else `user`' -r -f -a "managed\t''
user\t''
project\t''
local\t''"
complete -c countersign -n "__fish_countersign_using_subcommand replay" -l html -d 'Write a page that stands by itself, besides' -r -F
complete -c countersign -n "__fish_countersign_using_subcommand replay" -s n -d 'How many commands are shown behind each rule; 3 without it, 10 on a page' -r
complete -c countersign -n "__fish_countersign_using_subcommand replay" -l disk -d 'Look at today\'s disk as well'
complete -c countersign -n "__fish_countersign_using_subcommand replay" -l json -d 'Print JSON'
complete -c countersign -n "__fish_countersign_using_subcommand replay" -l share -d 'Read some of the transcripts for another process of this command, which asks on stdin'
complete -c countersign -n "__fish_countersign_using_subcommand replay" -s h -l help -d 'Print help'
complete -c countersign -n "__fish_countersign_using_subcommand trust" -s h -l help -d 'Print help'
complete -c countersign -n "__fish_countersign_using_subcommand untrust" -s h -l help -d 'Print help'
complete -c countersign -n "__fish_countersign_using_subcommand completions" -s h -l help -d 'Print help'
