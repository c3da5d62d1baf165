use super::*;

/// Each with what must be gone; the rest must stay.
const SECRETS: &[(&str, &str)] = &[
    // Addresses.
    ("psql postgres://shop:hunter2@db.example.com/shop", "psql postgres://shop:REDACTED@db.example.com/shop"),
    ("redis://:hunter2@cache:6379/0", "redis://:REDACTED@cache:6379/0"),
    ("mongodb+srv://a:p@ss:w0rd@x.example.com", "mongodb+srv://a:REDACTED@x.example.com"),
    ("postgres://u:p/a/ss@h/db", "postgres://u:REDACTED@h/db"),
    (
        "git clone https://x-access-token:ghp_16C7e42F292c6912E7710c838347Ae178B4a@github.com/a/b",
        "git clone https://x-access-token:REDACTED@github.com/a/b",
    ),
    (
        "git clone https://ghp_16C7e42F292c6912E7710c838347Ae178B4a@github.com/a/b",
        "git clone https://REDACTED@github.com/a/b",
    ),
    (
        "curl 'https://x.example.com/?a=1&access_token=abc123&b=2'",
        "curl 'https://x.example.com/?a=1&access_token=REDACTED&b=2'",
    ),
    ("root:s3cr3t@tcp(127.0.0.1:3306)/shop", "root:REDACTED@tcp(127.0.0.1:3306)/shop"),
    // Options.
    ("mysqldump --password hunter2 shop", "mysqldump --password REDACTED shop"),
    ("mysqldump --password=hunter2 shop", "mysqldump --password=REDACTED shop"),
    ("tool --password \"two words\" x", "tool --password \"REDACTED\" x"),
    ("tool --password='two words' x", "tool --password='REDACTED' x"),
    ("tool --api-key abc --token=def", "tool --api-key REDACTED --token=REDACTED"),
    ("tool --client-secret abc; ls", "tool --client-secret REDACTED; ls"),
    ("tool --password \\\n  hunter2 x", "tool --password \\\n  REDACTED x"),
    ("[\"--password\", \"hunter2\", \"x\"]", "[\"--password\", \"REDACTED\", \"x\"]"),
    ("mysql -uroot -phunter2 -e 'DROP DATABASE shop'", "mysql -uroot -pREDACTED -e 'DROP DATABASE shop'"),
    ("docker exec db mysql -p'hunter 2' shop", "docker exec db mysql -p'REDACTED' shop"),
    ("mysql -e 'SELECT 1; SELECT 2' -phunter2 shop", "mysql -e 'SELECT 1; SELECT 2' -pREDACTED shop"),
    ("bash -c \"mysql -phunter2 shop\"", "bash -c \"mysql -pREDACTED shop\""),
    ("mongosh -u a -p hunter2 --eval x", "mongosh -u a -p REDACTED --eval x"),
    ("redis-cli -a hunter2 FLUSHALL", "redis-cli -a REDACTED FLUSHALL"),
    ("redis-cli AUTH hunter2", "redis-cli AUTH REDACTED"),
    ("sshpass -phunter2 ssh x; sshpass -p hunter2 ssh x", "sshpass -pREDACTED ssh x; sshpass -p REDACTED ssh x"),
    ("docker login -u a -p hunter2 r.example.com", "docker login -u a -p REDACTED r.example.com"),
    ("curl -u admin:hunter2 -XDELETE http://es/x", "curl -u admin:REDACTED -XDELETE http://es/x"),
    ("curl --user 'admin:hunter 2' http://es/x", "curl --user 'admin:REDACTED' http://es/x"),
    ("sqlplus system/hunter2@orcl", "sqlplus system/REDACTED@orcl"),
    ("heroku config:set STRIPE=abc -a shop", "heroku config:set STRIPE=REDACTED -a shop"),
    (
        "kubectl create secret generic x --from-literal=a=hunter2",
        "kubectl create secret generic x --from-literal=a=REDACTED",
    ),
    ("ConvertTo-SecureString 'hunter2' -AsPlainText -Force", "ConvertTo-SecureString 'REDACTED' -AsPlainText -Force"),
    (
        "$p.Password = ConvertTo-SecureString 'hunter2' -AsPlainText",
        "$p.Password = ConvertTo-SecureString 'REDACTED' -AsPlainText",
    ),
    (
        "New-X -Password (ConvertTo-SecureString 'hunter2' -AsPlainText)",
        "New-X -Password (ConvertTo-SecureString 'REDACTED' -AsPlainText)",
    ),
    ("curl -uadmin:hunter2 http://es/x", "curl -uadmin:REDACTED http://es/x"),
    ("chpasswd <<< 'root:hunter2'", "chpasswd <<< 'root:REDACTED'"),
    ("pulumi config set --secret dbPassword hunter2", "pulumi config set --secret REDACTED REDACTED"),
    ("openssl enc -k hunter2 -in x", "openssl enc -k REDACTED -in x"),
    ("vault login s.abcdefgh", "vault login REDACTED"),
    // Variables and settings.
    ("PGPASSWORD=hunter2 psql -c 'DROP TABLE x'", "PGPASSWORD=REDACTED psql -c 'DROP TABLE x'"),
    ("export DB_PASSWORD_PROD='a b'", "export DB_PASSWORD_PROD='REDACTED'"),
    (
        "docker run -e MYSQL_ROOT_PASSWORD=x1 -p 80:80 mysql",
        "docker run -e MYSQL_ROOT_PASSWORD=REDACTED -p 80:80 mysql",
    ),
    (
        "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY aws s3 ls",
        "AWS_SECRET_ACCESS_KEY=REDACTED aws s3 ls",
    ),
    ("$env:API_TOKEN = \"abc\"", "$env:API_TOKEN = \"REDACTED\""),
    ("{\"password\":\"hunter2\",\"user\":\"a\"}", "{\"password\":\"REDACTED\",\"user\":\"a\"}"),
    (
        "curl -d '{\\\"password\\\": \\\"a b\\\", \\\"u\\\": 1}'",
        "curl -d '{\\\"password\\\": \\\"REDACTED\\\", \\\"u\\\": 1}'",
    ),
    ("password: hunter2\nuser: a", "password: REDACTED\nuser: a"),
    ("'password' => 'hunter2',", "'password' => 'REDACTED',"),
    ("db(password=\"hunter2\", user=\"a\")", "db(password=\"REDACTED\", user=\"a\")"),
    ("os.environ['PGPASSWORD'] = 'hunter2'", "os.environ['PGPASSWORD'] = 'REDACTED'"),
    ("setPassword(\"hunter2\")", "setPassword(\"REDACTED\")"),
    ("env.put(\"PGPASSWORD\", \"hunter2\")", "env.put(\"PGPASSWORD\", \"REDACTED\")"),
    ("X=${DB_PASSWORD:-hunter2} y", "X=${DB_PASSWORD:-REDACTED} y"),
    ("PASSWORD='$ecret'", "PASSWORD='REDACTED'"),
    ("AccountKey=abc+/def==;EndpointSuffix=x", "AccountKey=REDACTED;EndpointSuffix=x"),
    ("Server=x;User Id=sa;Password=hunter2;Encrypt=no", "Server=x;User Id=sa;Password=REDACTED;Encrypt=no"),
    ("host=x user=a password=hunter2 dbname=y", "host=x user=a password=REDACTED dbname=y"),
    // SQL.
    ("ALTER USER a WITH PASSWORD 'hunter2'; DROP TABLE b", "ALTER USER a WITH PASSWORD 'REDACTED'; DROP TABLE b"),
    ("CREATE USER a IDENTIFIED BY 'hunter2'", "CREATE USER a IDENTIFIED BY 'REDACTED'"),
    ("SET PASSWORD = PASSWORD('hunter2')", "SET PASSWORD = PASSWORD('REDACTED')"),
    // Headers.
    ("curl -H 'Authorization: Bearer abc.def-123' x", "curl -H 'Authorization: Bearer REDACTED' x"),
    ("curl -H \"Authorization: Basic YTpi\" x", "curl -H \"Authorization: Basic REDACTED\" x"),
    ("curl -H 'Authorization: AWS4-HMAC-SHA256 Credential=A/B, Signature=c' x", "curl -H 'Authorization: REDACTED' x"),
    ("curl -H 'X-Api-Key: abc' x", "curl -H 'X-Api-Key: REDACTED' x"),
    ("curl -H 'Cookie: sid=abc; b=c' x", "curl -H 'Cookie: REDACTED' x"),
    ("Authorization: Bearer abcdef\nHost: x", "Authorization: Bearer REDACTED\nHost: x"),
    ("say Bearer abcdef123456.x", "say Bearer REDACTED"),
    // Tokens by themselves.
    ("gh auth login --with-token <<< gho_16C7e42F292c6912E7710c838347", "gh auth login --with-token <<< REDACTED"),
    ("echo sk-ant-api03-abcdefgh12345678-x_y | x", "echo REDACTED | x"),
    ("x AKIAIOSFODNN7EXAMPLE y", "x REDACTED y"),
    ("x xoxb-123456789012-abc y", "x REDACTED y"),
    ("x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-def_g y", "x REDACTED y"),
    ("x glpat-abcdEFGH1234 y", "x REDACTED y"),
    (
        "-----BEGIN RSA PRIVATE KEY-----\nabc\ndef\n-----END RSA PRIVATE KEY-----\nls",
        "-----BEGIN RSA PRIVATE KEY-----REDACTED-----END RSA PRIVATE KEY-----\nls",
    ),
    ("echo '-----BEGIN OPENSSH PRIVATE KEY-----\\nabc", "echo '-----BEGIN OPENSSH PRIVATE KEY-----REDACTED"),
    // What chance has made, behind names that say nothing.
    ("X=aB3dE5gH7jK9mN1pQ3sT5 y", "X=REDACTED y"),
    ("--thing=\"q8ZkT2vLm9XcR4wYb7Nd\"", "--thing=\"REDACTED\""),
];

/// What looks alike and is no secret: nothing of it may be missing when the call is judged again.
const PLAIN: &[&str] = &[
    "rm -rf / --no-preserve-root",
    "gpg --delete-secret-keys ABCD",
    "firebase functions:secrets:destroy KEY",
    "{\"source\": \"~/.aws/credentials\", \"destination\": \"/tmp/x\"}",
    "echo 'dev ALL=(ALL) NOPASSWD: ALL' | sudo tee -a /etc/sudoers",
    "\"curl -H \\\"Authorization: Bearer $TOKEN\\\" https://x\"",
    "impdp system/$PW@db dumpfile=/srv/x.dmp",
    "sqlplus @/srv/x/drop.sql && sqlplus /nolog",
    "mkdir -p /srv/x && cp -p a b && psql -p 5432 -U shop",
    "docker run -p 8080:80 --name x nginx",
    "PGPASSWORD=$PGPASSWORD psql -h ${DB_HOST} -c 'DROP TABLE x'",
    "PGPASSWORD=$(pass show db) psql",
    "PASSWORD= rm -rf x",
    "mysql --password --host db",
    "mysql -p shop -e 'DROP TABLE users'",
    "curl https://host:8080/@scope/package",
    "curl -u \"$USER:$PASS\" https://x",
    "git push https://github.com/a/b main",
    "ssh git@github.com:a/b.git",
    "kubectl delete secret db-credentials -n prod",
    "kubectl get secrets && kubectl describe secret x",
    "aws secretsmanager delete-secret --secret-id prod/db --force-delete-without-recovery",
    "tool --password-file /run/secrets/x --token-ttl 5 --password-stdin",
    "export PASSWORD_FILE=/run/secrets/db",
    "cd $PWD && PWD=/srv/x OLDPWD=/y",
    "openssl rsa --private-key /etc/x.pem",
    "GOOGLE_APPLICATION_CREDENTIALS=/home/dev/key.json terraform destroy",
    "max_tokens=4096, tokenizer=bert",
    "git checkout 16c7e42f292c6912e7710c838347ae178b4a1234",
    "image=sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "id=123e4567-e89b-12d3-a456-426614174000",
    "name=MyServiceForTheProductionClusterNumber7",
    "path=/Users/Dev/Projects2024/ShopApp/Build",
    "getSecret(\"prod/db\"); Secret::new(x)",
    "DROP TABLE passwords; DELETE FROM tokens WHERE id = 5",
    "echo 'the password is in the vault'",
    "curl -H \"Authorization: Bearer $TOKEN\" https://x",
    "password: true, secret: null, token: {{ vault_token }}, password: <password>",
    "don't; it's",
    "scikit=sk-learn task-list",
    "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----",
];

#[test]
fn secrets_are_hidden_and_nothing_else() {
    let wrong: Vec<String> = SECRETS
        .iter()
        .filter(|(text, wanted)| redact(text) != *wanted)
        .map(|(text, wanted)| format!("{text}\n  is     {}\n  should {wanted}", redact(text)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_no_secret_stays() {
    let wrong: Vec<String> = PLAIN
        .iter()
        .filter(|text| redact(text) != **text)
        .map(|text| format!("{text}\n  is {}", redact(text)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is hidden stays hidden, and is hidden again wherever a line is shown.
#[test]
fn redacting_twice_changes_nothing() {
    for (text, wanted) in SECRETS {
        assert_eq!(redact(wanted), *wanted, "{text}");
    }
}

/// The same in other clothes: whatever is around it, the secret isn't there any more.
#[test]
fn no_wrapping_brings_a_secret_back() {
    let secret = "Zq9-hunter2x";
    for form in ["--password {}", "PGPASSWORD={}", "postgres://u:{}@h/d", "password: {}", "-H 'X-Api-Key: {}'"] {
        let text = form.replace("{}", secret);
        for (before, after) in [
            ("", ""),
            ("sudo x ", " y"),
            ("echo don't; ", " 'a"),
            ("bash -c \"", "\""),
            ("größe ", " 世"),
            ("x\u{0}\u{1b}[2J ", "\u{202e}"),
            ("((((", "))))"),
            ("\\\\\\", "\\"),
            ("a=b=c=", " d"),
            ("cat <<EOF\n", "\nEOF"),
            ("// ", "\r\n"),
        ] {
            let text = format!("{before}{text}{after}");
            // Within words, names have no beginning.
            if before.ends_with('=') && !form.starts_with("postgres") {
                continue;
            }
            assert!(!redact(&text).contains(secret), "{text}: {}", redact(&text));
        }
    }
}

thread_local! {
    /// How many bytes were looked at.
    pub(super) static LOOKED_AT: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// How much of a text is looked at until it is redacted.
fn steps(text: &str) -> u64 {
    LOOKED_AT.with(|count| count.set(0));
    assert!(redact(text).len() <= text.len() * 8);
    LOOKED_AT.with(std::cell::Cell::get)
}

/// Twice the text is twice the work, however hostile it is.
#[test]
fn hostile_texts_are_read_in_linear_time() {
    for piece in [
        "password=\"",
        "password='",
        "password=\\\"",
        "a=",
        "apikey=x/",
        "http://a:b/",
        "://",
        "-----BEGIN PRIVATE KEY",
        "-----BEGIN ",
        "eyJ.",
        "sk-.",
        "identified by '",
        "mysql -p\"",
        "sqlplus \"",
        "sqlplus x",
        "--password ",
        "'",
        "\"",
        "\\",
        "x@tcp(",
        ":",
        "Authorization:",
        "cookie: ",
        "${token:-",
        "$(",
        "bearer ",
        "\u{1F600}=",
        "é:",
        "-u a:",
        "sk-",
        "vault login ",
        "token:{{",
        "password=x(\"",
        "curl -u ",
        "(",
        "password\"",
        "password,\"",
        "-p\\",
    ] {
        let [one, two] = [4_000, 8_000].map(|many| steps(&piece.repeat(many)));
        assert!(two <= one * 5 / 2 + 1_000, "{piece}: {one} for a text, {two} for twice of it");
    }
}

/// Any text at all: no panic, and no cut through a character.
#[test]
fn any_text_is_taken() {
    let pieces = [
        "password",
        "=",
        ":",
        "'",
        "\"",
        "\\",
        " ",
        "\n",
        "é",
        "世",
        "://",
        "@",
        "mysql",
        "-p",
        "ghp_abcdefgh",
        "-----BEGIN",
        "PRIVATE KEY",
        "$(",
        "${",
        "}",
        ",",
        "(",
        "Authorization",
        "Bearer",
        "sqlplus",
        "/",
        "b\"",
        "-",
        "curl",
        "-u",
        "🦀",
    ];
    // A generator of our own, so that every run tries the same.
    let mut state = 7_u64;
    for _ in 0..30_000 {
        let mut text = String::new();
        for _ in 0..12 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(pieces[(state >> 33) as usize % pieces.len()]);
        }
        let once = redact(&text).into_owned();
        assert!(once.chars().filter(|c| *c == '\n').count() <= text.chars().filter(|c| *c == '\n').count());
    }
}
