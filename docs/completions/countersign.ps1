
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'countersign' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'countersign'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'countersign' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('hook', 'hook', [CompletionResultType]::ParameterValue, 'Judge one call: reads a Claude Code event on stdin, answers on stdout')
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Register this program in the settings of Claude Code, and try it')
            [CompletionResult]::new('uninstall', 'uninstall', [CompletionResultType]::ParameterValue, 'Take it out of the settings of Claude Code again, and put back what was there')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Look whether calls are really guarded here')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check policy files, and what they expect of calls')
            [CompletionResult]::new('policy', 'policy', [CompletionResultType]::ParameterValue, 'Show the policy that counts here, and where each setting comes from')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Show how a call comes to its decision: what was read in it, what was found, and which policy decides')
            [CompletionResult]::new('log', 'log', [CompletionResultType]::ParameterValue, 'Show what was asked about and denied, the newest last')
            [CompletionResult]::new('rules', 'rules', [CompletionResultType]::ParameterValue, 'Show what is known of a tool: what is stopped, what is allowed, and how that was checked')
            [CompletionResult]::new('approve', 'approve', [CompletionResultType]::ParameterValue, 'Let one denied call pass, once: look at it, and type what is at stake')
            [CompletionResult]::new('replay', 'replay', [CompletionResultType]::ParameterValue, 'Judge the calls of past sessions: what would have been asked about, denied and allowed')
            [CompletionResult]::new('trust', 'trust', [CompletionResultType]::ParameterValue, 'Trust a project''s policy file as it is now, so that it may also loosen')
            [CompletionResult]::new('untrust', 'untrust', [CompletionResultType]::ParameterValue, 'Trust a project''s policy file no longer')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a script that completes commands and options in a shell')
            break
        }
        'countersign;hook' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'countersign;install' {
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Your own settings, for every project (the default)')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s settings, for everybody who works on it')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Your own settings for this project')
            [CompletionResult]::new('--managed', '--managed', [CompletionResultType]::ParameterName, 'The settings of this machine, which nobody but an administrator can change')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Only show what would change')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'countersign;uninstall' {
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Your own settings, for every project (the default)')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The project''s settings, for everybody who works on it')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Your own settings for this project')
            [CompletionResult]::new('--managed', '--managed', [CompletionResultType]::ParameterName, 'The settings of this machine, which nobody but an administrator can change')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Only show what would change')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'countersign;doctor' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'countersign;check' {
            [CompletionResult]::new('--layer', '--layer', [CompletionResultType]::ParameterName, 'Read it as the policy of this layer')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'countersign;policy' {
            [CompletionResult]::new('--schema', '--schema', [CompletionResultType]::ParameterName, 'Print the JSON schema of policy files, for editors')
            [CompletionResult]::new('--rules', '--rules', [CompletionResultType]::ParameterName, 'Print the ids of all rules, with their classes and what becomes of them here')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'countersign;explain' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours')
            [CompletionResult]::new('--powershell', '--powershell', [CompletionResultType]::ParameterName, 'It is a PowerShell command')
            [CompletionResult]::new('--mcp', '--mcp', [CompletionResultType]::ParameterName, 'It is a tool of an MCP server, as `mcp__<server>__<tool>`')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print it as JSON, for programs')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'countersign;log' {
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Not before: `90s`, `30m`, `2h`, `7d` ago, or a day or time (`2026-11-01`, `2026-11-01T14:30`)')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Before: the same')
            [CompletionResult]::new('--decision', '--decision', [CompletionResultType]::ParameterName, 'Only these: `ask`, `deny`, `observed`, `approved`, and where policy records them, `allow` and `none`')
            [CompletionResult]::new('--rule', '--rule', [CompletionResultType]::ParameterName, 'Only what this rule stopped: an id, a glob of ids, or a pack')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'Only this session: its id, or how that begins')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Only this project or directory, and what lies below it')
            [CompletionResult]::new('--grep', '--grep', [CompletionResultType]::ParameterName, 'Only where the call or the reason holds this text; capitals and small letters are the same')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Only the last N; 0 for all. Otherwise the last 20 on a terminal, and all in a pipe')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print the lines as they are in the journal, for programs')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Go on with what comes, until Ctrl-C')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Go on with what comes, until Ctrl-C')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'countersign;rules' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'countersign;approve' {
            [CompletionResult]::new('--request', '--request', [CompletionResultType]::ParameterName, 'Print a letter about this call, to be signed')
            [CompletionResult]::new('--sign', '--sign', [CompletionResultType]::ParameterName, 'Look at such a letter, and sign it with `ssh-keygen`; the signature lies beside it, as LETTER.sig')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The private key to sign with (or the public one, if the agent of ssh has the other); the first of ~/.ssh, if none is named')
            [CompletionResult]::new('--apply', '--apply', [CompletionResultType]::ParameterName, 'Check a signature, and let the call pass once; the letter must lie beside it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'countersign;replay' {
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Not before: `90s`, `30m`, `2h`, `7d` ago, or a day or time (`2026-11-01`, `2026-11-01T14:30`)')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Before: the same')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Only projects like this: a name (`shop`, `shop-*`), or a path and what lies below it')
            [CompletionResult]::new('--policy', '--policy', [CompletionResultType]::ParameterName, 'Compare with this policy file in place of the one of its layer')
            [CompletionResult]::new('--layer', '--layer', [CompletionResultType]::ParameterName, 'The layer of that file; without it, the one that it lies in, or else `user`')
            [CompletionResult]::new('--html', '--html', [CompletionResultType]::ParameterName, 'Write a page that stands by itself, besides')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'How many commands are shown behind each rule; 3 without it, 10 on a page')
            [CompletionResult]::new('--disk', '--disk', [CompletionResultType]::ParameterName, 'Look at today''s disk as well')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('--share', '--share', [CompletionResultType]::ParameterName, 'Read some of the transcripts for another process of this command, which asks on stdin')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'countersign;trust' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'countersign;untrust' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'countersign;completions' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
