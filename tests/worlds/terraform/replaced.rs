//! Protections that go with the file that held them: it is replaced as a whole, and what was in it stands on the disk only.

use crate::kit::{Counting, World, judged};
use countersign::call::ToolCall;
use countersign::judge::{Decision, judge_by};
use countersign::policy::Policy;
use serde_json::json;

const OLD: &str = "resource \"aws_db_instance\" \"a\" {\n  lifecycle { prevent_destroy = true }\n}\n\
                   resource \"aws_db_instance\" \"b\" {\n  lifecycle {\n    prevent_destroy   = true\n  }\n}\n";

fn world() -> World {
    let world = World::with_git();
    world.file("infra/main.tf", OLD).file("infra/bare.tf", "resource \"aws_db_instance\" \"a\" {}\n");
    world.file("infra/same.tf", OLD.replace("= true", "=true"));
    world.file("lib/db.ts", "new Bucket(this, 'b', { removalPolicy: RemovalPolicy.RETAIN });\n").commit();
    world
}

fn write(path: &str, content: &str, world: &World) -> ToolCall {
    let path = world.project.join(path).to_str().expect("UTF-8").to_owned();
    ToolCall::Write { path, content: content.to_owned() }
}

#[test]
fn a_write_in_place_of_what_was_protected() {
    let world = world();
    let all = OLD.replace("  lifecycle { prevent_destroy = true }", "  # none");
    let more = format!("{OLD}resource \"aws_sqs_queue\" \"q\" {{}}\n");
    for (path, content, rule) in [
        ("infra/main.tf", "", Some("terraform.unprotect")),
        ("infra/main.tf", "resource \"aws_db_instance\" \"a\" {}\n", Some("terraform.unprotect")),
        ("infra/main.tf", &*OLD.replace("    prevent_destroy", "    # prevent_destroy"), Some("terraform.unprotect")),
        // In a comment behind something, or over several lines.
        (
            "infra/main.tf",
            &*OLD.replace("  lifecycle { prevent", "  } # lifecycle { prevent"),
            Some("terraform.unprotect"),
        ),
        (
            "infra/main.tf",
            &*OLD.replace("  lifecycle {\n", "  /* lifecycle {\n").replace("  }\n}\n", "  } */\n}\n"),
            Some("terraform.unprotect"),
        ),
        // Quotes don't count.
        ("infra/main.tf", &*OLD.replace("= true", "= \"true\""), None),
        ("infra/main.tf", &*format!("# see https://example.com/a\n{OLD}# that's all"), None),
        // One of two.
        ("infra/main.tf", &*all, Some("terraform.unprotect")),
        ("infra/main.tf", OLD, None),
        ("infra/main.tf", &*more, None),
        ("infra/main.tf", &*OLD.replace("   = true", " = true"), None),
        ("infra/bare.tf", "resource \"aws_db_instance\" \"b\" {}\n", None),
        ("infra/new.tf", "resource \"aws_db_instance\" \"b\" {}\n", None),
        ("lib/db.ts", "new Bucket(this, 'b');\n", Some("iac.cdk-removal-policy")),
        ("lib/db.ts", "new Bucket(this, 'c', { removalPolicy: RemovalPolicy.RETAIN });\n", None),
    ] {
        let judgement = judged(&world.tool(write(path, content, &world), "."));
        assert_eq!(judgement.rules.first().copied(), rule, "{path}: {content}");
    }
}

#[test]
fn the_shell_and_mcp_replace_it_too() {
    let world = world();
    world.all(
        Decision::Ask,
        &[
            "cat > infra/main.tf <<'E'\nresource \"x\" \"a\" {}\nE",
            "cd infra && tee main.tf <<'E'\nresource \"x\" \"a\" {}\nE",
            "cp infra/bare.tf infra/main.tf",
            "cd infra; mv -f bare.tf main.tf",
            "cat > n.tf <<'E'\nresource \"x\" \"a\" {}\nE\nmv n.tf infra/main.tf",
            "mv infra/main.tf old.tf && cat > infra/main.tf <<'E'\nresource \"x\" \"a\" {}\nE",
            "install -m644 infra/bare.tf infra/main.tf",
            "cat infra/bare.tf > infra/main.tf",
            "cd infra && cat < bare.tf > main.tf",
            "ln -sf bare.tf infra/main.tf",
        ],
    );
    world.all(
        Decision::None,
        &[
            "cp infra/same.tf infra/main.tf",
            "cp infra/main.tf infra/copy.tf",
            "cp infra/main.tf infra/bare.tf",
            "mv infra/main.tf infra/db.tf",
            "terraform fmt infra/main.tf",
            "sed 's/t3.small/t3.medium/' infra/main.tf > n.tf && mv n.tf infra/main.tf",
            "cat >> infra/main.tf <<'E'\nresource \"x\" \"a\" {}\nE",
            "install -m644 infra/same.tf infra/main.tf",
            "cat infra/same.tf > infra/main.tf",
        ],
    );
    let path = world.project.join("infra/main.tf");
    let tool = |name: &str| ToolCall::Mcp {
        name: format!("mcp__files__{name}"),
        server: None,
        input: json!({ "path": path.to_str(), "content": "x" }),
        source: None,
    };
    assert_eq!(judged(&world.tool(tool("write_file"), ".")).decision, Decision::Ask);
    // The rest of the file stays.
    assert_eq!(judged(&world.tool(tool("insert_at_line"), ".")).decision, Decision::None);
}

#[test]
fn what_goes_there_cannot_be_known() {
    let world = world();
    world.all(
        Decision::Ask,
        &[
            "git show HEAD~1:infra/main.tf > infra/main.tf",
            "cat infra/main.tf; git show HEAD~1:infra/main.tf > x; mv x infra/main.tf",
            "cd infra && (git show HEAD~1:./main.tf) >| main.tf",
            "git show HEAD~1:infra/main.tf | tee infra/main.tf",
            "f() { gen > infra/main.tf; }; f",
            "gen > x || true; install x infra/main.tf",
            "cat a b > infra/main.tf",
            "sed '/prevent_destroy/d' infra/main.tf > x && mv x infra/main.tf",
            "sed -e /x/d -e '/prevent_destroy/d' infra/main.tf > x; install x infra/main.tf",
            "cat infra/main.tf | sed /prevent_destroy/d > x && mv x infra/main.tf",
            "cd infra; grep -v prevent_destroy main.tf > /tmp/x && cp /tmp/x main.tf",
            "awk '!/prevent_destroy/' infra/main.tf > x && cat x > infra/main.tf",
            "grep -v prevent_destroy infra/main.tf | sponge infra/main.tf",
            "git show HEAD~1:infra/main.tf | sponge infra/main.tf",
            "for f in infra/main.tf; do grep -v prevent_destroy $f > $f.new && mv $f.new $f; done",
            "grep -v prevent_destroy infra/main.tf > x || true; (mv x infra/main.tf)",
            "echo \"$X\" > infra/main.tf & wait",
        ],
    );
    world.all(
        Decision::None,
        &[
            "git show HEAD~1:infra/main.tf > infra/bare.tf",
            "git show HEAD~1:infra/main.tf > old.tf",
            "git show HEAD~1:infra/main.tf >> infra/main.tf",
            "cat infra/main.tf | sed s/small/medium/ > n.tf && mv n.tf infra/main.tf",
            "envsubst < infra/main.tf > n.tf && mv n.tf infra/main.tf",
            "cd infra && awk '{print}' main.tf > n.tf && cp n.tf main.tf",
            "cat infra/main.tf | grep -v '^#' | sed s/small/medium/ > n.tf && mv n.tf infra/main.tf",
            "sed s/small/medium/ infra/main.tf | sponge infra/main.tf",
            "grep -n prevent_destroy infra/main.tf; sed s/small/medium/ infra/main.tf > n.tf && mv n.tf infra/main.tf",
            "grep -v prevent_destroy infra/main.tf > x",
            "sed -i 's/small/medium/' infra/main.tf",
            "cp infra/main.tf a.bak && sed -i 's/small/medium/' infra/main.tf",
            "python3 -c \"p='infra/main.tf'; s=open(p).read(); open(p,'w').write(s.replace('small','medium'))\"",
            "python3 -c \"s=open('infra/main.tf').read(); open('n.tf','w').write(s.replace('a','b'))\" && mv n.tf infra/main.tf",
            "git show HEAD:lib/db.ts > lib/db.ts",
        ],
    );
}

#[test]
fn only_what_a_rule_asks_about_is_read() {
    let world = world();
    let looks = |path: &str| {
        let disk = Counting::default();
        let call = world.tool(write(path, "text", &world), ".");
        let _ = judge_by(&call, &Policy::of(countersign::rules::builtin()), &disk);
        disk.0.get()
    };
    world.file("src/a.rs", "a").file("docs/a.md", "a");
    assert_eq!((looks("src/a.rs"), looks("docs/a.md")), (looks("src/new.rs"), looks("docs/new.md")));
    assert!(looks("infra/main.tf") > looks("docs/a.md"));
}
