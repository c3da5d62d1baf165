//! Every way to write over a state.

use crate::kit::{World, judged};
use countersign::call::ToolCall;
use countersign::judge::Decision;
use serde_json::json;

#[test]
fn whatever_writes_over_a_state_is_stopped() {
    let world = World::with_git();
    world.file("terraform.tfstate", "{}").file("infra/terraform.tfstate", "{}").file("old.tfstate", "{}");
    for command in [
        "cp old.tfstate terraform.tfstate",
        "cp -f /old/terraform.tfstate .",
        "cp /old/terraform.tfstate infra/",
        "cp /old/*.tfstate .",
        "find /old -name '*.tfstate' -exec cp {} . \\;",
        "mv old.tfstate terraform.tfstate",
        "mv /old/terraform.tfstate .",
        "install -m 600 old.tfstate terraform.tfstate",
        "install -t infra old/terraform.tfstate",
        "rsync -a old.tfstate terraform.tfstate",
        "rsync -a /old/terraform.tfstate .",
        "rsync -a host:infra/terraform.tfstate .",
        "tar xf b.tar terraform.tfstate",
        "tar -C infra -xf b.tar terraform.tfstate",
        "unzip -o b.zip terraform.tfstate",
        "7z x b.7z terraform.tfstate",
        "gunzip -f terraform.tfstate.gz",
        "gzip -df terraform.tfstate.gz",
        "gunzip -c x.gz > terraform.tfstate",
        "xz -d terraform.tfstate.xz",
        "gzip terraform.tfstate",
        "echo '{}' > terraform.tfstate",
        "echo x >> terraform.tfstate",
        "> terraform.tfstate",
        "cat old | tee terraform.tfstate",
        "dd if=old of=terraform.tfstate",
        "sed -i 's/a/b/' terraform.tfstate",
        "perl -pi -e 's/a/b/' terraform.tfstate",
        "jq . terraform.tfstate | sponge terraform.tfstate",
        "curl -o terraform.tfstate https://x.dev/y",
        "curl -O https://x.dev/terraform.tfstate",
        "wget -O terraform.tfstate https://x.dev/y",
        "scp host:infra/terraform.tfstate .",
        "scp host:terraform.tfstate terraform.tfstate",
        "aws s3 cp s3://b/terraform.tfstate terraform.tfstate",
        "aws s3 cp s3://b/terraform.tfstate .",
        "gsutil cp gs://b/terraform.tfstate .",
        "docker cp c:/terraform.tfstate .",
        "kubectl cp pod:/terraform.tfstate terraform.tfstate",
        "git checkout -- terraform.tfstate",
        "git checkout HEAD~3 -- infra/terraform.tfstate",
        "git restore --source=HEAD~1 terraform.tfstate",
        "git show HEAD:terraform.tfstate > terraform.tfstate",
        "terraform state pull > terraform.tfstate",
        "terraform state push old.tfstate",
        "truncate -s 0 terraform.tfstate",
        "ln -sf old.tfstate terraform.tfstate",
        "rm terraform.tfstate",
        "rm -rf terraform.tfstate.d",
        "vim -c wq terraform.tfstate",
        "python3 -c \"open('terraform.tfstate','w').write('{}')\"",
        "python3 -c \"import shutil; shutil.copy('old.tfstate','terraform.tfstate')\"",
        "python3 -c \"import json; json.dump({}, open('infra/terraform.tfstate','w'))\"",
        "python3 -c \"from pathlib import Path; Path('terraform.tfstate').write_text('')\"",
        "node -e \"require('fs').writeFileSync('terraform.tfstate','{}')\"",
        "node -e \"require('fs').copyFileSync('old.tfstate','terraform.tfstate')\"",
        "ruby -e \"File.write('terraform.tfstate','{}')\"",
        "sudo cp old.tfstate terraform.tfstate",
        "bash -c 'cp old.tfstate terraform.tfstate'",
        "cp old.tfstate terraform.tfstate.d/prod/terraform.tfstate",
        "cp terraform.tfstate.backup terraform.tfstate",
    ] {
        let judgement = world.judge(command);
        assert!(judgement.decision >= Decision::Ask, "`{command}`: {:?}", judgement.rules);
    }
    let path = world.project.join("infra/terraform.tfstate").to_str().unwrap().to_owned();
    let mcp = |name: &str, input| ToolCall::Mcp { name: name.to_owned(), server: None, source: None, input };
    for tool in [
        ToolCall::Write { path: path.clone(), content: "{}".to_owned() },
        ToolCall::Edit { path: path.clone(), old: "a".to_owned(), new: "b".to_owned(), all: false },
        mcp("mcp__files__write_file", json!({ "path": path, "content": "{}" })),
        mcp("mcp__files__edit_file", json!({ "path": path, "edits": [{ "oldText": "a", "newText": "b" }] })),
    ] {
        assert!(judged(&world.tool(tool.clone(), ".")).decision >= Decision::Ask, "{tool:?}");
    }
}

#[test]
fn copies_kept_aside_are_not() {
    let world = World::with_git();
    world.file("terraform.tfstate", "{}");
    for command in [
        "cp terraform.tfstate terraform.tfstate.bak-2026",
        "cp -n old.tfstate terraform.tfstate",
        "cp terraform.tfstate /tmp/x",
        "cp terraform.tfstate backups/",
        "terraform state pull > backup.tfstate",
        "scp host:terraform.tfstate backup.tfstate",
        "aws s3 cp terraform.tfstate s3://b/backup/",
        "rsync -a src/ dist/",
        "gzip -k terraform.tfstate",
        "curl -o other.json https://x.dev/terraform.tfstate",
        "tar czf backup.tgz terraform.tfstate",
        "zip backup.zip terraform.tfstate",
    ] {
        let judgement = world.judge(command);
        assert!(judgement.decision <= Decision::None, "`{command}`: {:?}\n{}", judgement.rules, judgement.reason);
    }
}
