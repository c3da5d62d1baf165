//! What judging costs inside of the process: `cargo bench --bench judge`. Prints microseconds per call and nanoseconds per
//! byte; the first call of a process is shown apart, since that is the only one that a hook ever makes.

use countersign::call::{Call, ToolCall};
use countersign::judge::judge;
use std::hint::black_box;
use std::time::Instant;

fn bash(command: &str) -> Call {
    let mut call = Call::new(ToolCall::Bash { command: command.to_owned(), description: None }, "/home/dev/shop");
    call.home = Some("/home/dev".to_owned());
    call.project = Some("/home/dev/shop".to_owned());
    call
}

fn main() {
    let line = "cd src && grep -rn 'fn main' . | head -5 && git log --oneline -3; npm test -- --filter x; cd .. && ";
    let here = format!("cat <<'EOF' > notes.md\n{}EOF", "terraform destroy would lose rm -rf everything\n".repeat(220));
    let input = serde_json::json!({"project_id": "p", "query": "select id, name from users where id = 7"});
    let mcp = ToolCall::Mcp { name: "mcp__supabase__execute_sql".to_owned(), server: None, source: None, input };
    let cases = [
        ("ls -la", bash("ls -la")),
        ("rm -rf /", bash("rm -rf /")),
        ("git status && git diff", bash("git status && git diff")),
        ("four-stage pipeline", bash("cat a | grep b | sort | uniq -c")),
        ("terraform apply", bash("terraform -chdir=infra apply -auto-approve -var-file=prod.tfvars")),
        ("kubectl get", bash("kubectl --context dev get pods -n shop -o wide")),
        ("psql -c select", bash("psql -h localhost -c 'select count(*) from users where id > 7'")),
        ("python -c", bash("python3 -c \"import json; print(json.load(open('package.json'))['version'])\"")),
        ("10 KB here-document", bash(&here)),
        ("10 KB compound line", bash(&format!("{}true", line.repeat(10_000 / line.len())))),
        ("100 KB compound line", bash(&format!("{}true", line.repeat(100_000 / line.len())))),
        ("MCP execute_sql", Call::new(mcp, "/home/dev/shop")),
    ];
    println!("{:<24} {:>10} {:>12} {:>10}", "call", "first µs", "then µs", "ns/byte");
    for (name, call) in &cases {
        let length = match &call.tool {
            ToolCall::Bash { command, .. } => command.len(),
            _ => 60,
        };
        let start = Instant::now();
        black_box(judge(black_box(call)));
        let first = start.elapsed();
        let rounds = (200_000 / length.max(20)).clamp(3, 3_000);
        let start = Instant::now();
        for _ in 0..rounds {
            black_box(judge(black_box(call)));
        }
        let each = start.elapsed().as_secs_f64() * 1e6 / rounds as f64;
        println!("{name:<24} {:>10.1} {each:>12.2} {:>10.1}", first.as_secs_f64() * 1e6, each * 1000.0 / length as f64);
    }
}
