//! The tree's structure: words and parts, assignments, redirections, here-documents, spans.

use crate::walk::{found, known};
use countersign::read::shell::ast::*;
use countersign::read::shell::parse::{parse, parse_word};

fn simple(text: &str) -> Simple {
    let script = parse(text).unwrap_or_else(|error| panic!("{text:?}: {} at {}", error.why, error.at));
    match script.items.into_iter().next().expect("an item").node {
        Node::Simple(simple) => simple,
        node => panic!("{text:?}: {node:?}"),
    }
}

fn words(text: &str) -> Vec<Vec<Part>> {
    simple(text).words.into_iter().map(|word| word.parts).collect()
}

fn lit(text: &str) -> Part {
    Part::Literal(text.into())
}

fn quo(text: &str) -> Part {
    Part::Quoted(text.into())
}

fn names(text: &str) -> Vec<String> {
    let script = parse(text).unwrap_or_else(|error| panic!("{text:?}: {} at {}", error.why, error.at));
    found(&script).names
}

#[test]
fn words_and_quotes() {
    assert_eq!(words("ls -la"), [[lit("ls")], [lit("-la")]]);
    assert_eq!(words(r#"a'b'"c\"d"\e"#), [[lit("a"), quo("bc\"de")]]);
    assert_eq!(words(r"$'\x72m' r\m"), [vec![quo("rm")], vec![lit("r"), quo("m")]]);
    assert_eq!(words(r"$'r\0x'm"), [[quo("r"), lit("m")]]);
    assert_eq!(words(r"$'\c'x"), [[quo("\\c"), lit("x")]]);
    assert_eq!(words(r"$'\u00e9\101\cA\q\x{41}'"), [[quo("éA\u{1}\\qA")]]);
    assert_eq!(words("a '' \"\" {b,c}* ~/x"), [[lit("a")], [quo("")], [quo("")], [lit("{b,c}*")], [lit("~/x")]]);
    assert_eq!(words("a\\\nb \"c\\\nd\" 'e\\\nf'"), [[lit("ab")], [quo("cd")], [quo("e\\\nf")]]);
    assert_eq!(words(r#""\a\$\`\\""#), [[quo("\\a$`\\")]]);
    assert_eq!(words("a #b"), [[lit("a")]]);
    assert_eq!(words("a b#c"), [[lit("a")], [lit("b#c")]]);
    assert_eq!(words("a\u{a0}b c\r"), [[lit("a\u{a0}b")], [lit("c\r")]]);
    assert_eq!(words("x @(a|b c)"), [[lit("x")], [lit("@(a|b c)")]]);
    assert_eq!(words("x \\"), [[lit("x")], [quo("\\")]]);
}

#[test]
fn parameters() {
    fn parameter(text: &str) -> Parameter {
        let parts = words(text).swap_remove(0);
        match parts.into_iter().next().expect("a part") {
            Part::Parameter(parameter) => parameter,
            part => panic!("{text}: {part:?}"),
        }
    }
    for (text, name, operation, inside) in [
        ("$x", "x", Operation::Plain, ""),
        ("${x}", "x", Operation::Plain, ""),
        ("$1", "1", Operation::Plain, ""),
        ("${10}", "10", Operation::Plain, ""),
        ("$?", "?", Operation::Plain, ""),
        ("${#}", "#", Operation::Plain, ""),
        ("${#x}", "x", Operation::Length, ""),
        ("${##}", "#", Operation::Length, ""),
        ("${#-}", "-", Operation::Length, ""),
        ("${#:-a}", "#", Operation::Default, "a"),
        ("${x:-a b}", "x", Operation::Default, "a b"),
        ("${x-a}", "x", Operation::Default, "a"),
        ("${x:=a}", "x", Operation::AssignDefault, "a"),
        ("${x?a}", "x", Operation::Required, "a"),
        ("${x:+a}", "x", Operation::Alternative, "a"),
        ("${x#a}", "x", Operation::Other, "#a"),
        ("${x:1:2}", "x", Operation::Other, ":1:2"),
        ("${!x}", "x", Operation::Other, ""),
        ("${!x:-a}", "x", Operation::Other, "a"),
        ("${x@Q}", "x", Operation::Other, "@Q"),
        ("${a[1]}", "a", Operation::Element, "1"),
        ("${a[1]:-b}", "a", Operation::Default, "b"),
        ("${x y}", "x", Operation::Other, " y"),
    ] {
        let found = parameter(text);
        assert_eq!((found.name.as_str(), found.operation), (name, operation), "{text}");
        let last = found.words.last().map(|word| known(word).expect(text)).unwrap_or_default();
        assert_eq!(last, inside, "{text}");
        assert!(!found.quoted, "{text}");
    }
    assert!(parameter("\"$x\"").quoted);
    assert_eq!(words("$xy$z.a").swap_remove(0).len(), 3);
}

#[test]
fn assignments() {
    let command = simple("A=1 b+=x c[1 2]=$y d=(a 'b' [k]=v) e= run f=g");
    let assigned: Vec<_> =
        command.assigns.iter().map(|assign| (assign.name.as_str(), assign.append, assign.index.is_some())).collect();
    assert_eq!(
        assigned,
        [("A", false, false), ("b", true, false), ("c", false, true), ("d", false, false), ("e", false, false)]
    );
    assert!(matches!(&command.assigns[3].value, Value::Array(words) if words.len() == 3));
    assert!(matches!(&command.assigns[4].value, Value::Word(word) if word.parts.is_empty()));
    assert_eq!(command.words.len(), 2);
    let command = simple("declare -a x=(1 2) y=3");
    assert_eq!((command.assigns.len(), command.words.len()), (1, 3));
    assert_eq!(words("\"A\"=1 x").len(), 2);
    assert_eq!(words("a[ x ]y z"), [[lit("a[ x ]y")], [lit("z")]]);
    let command = simple("a=($(m1))$(m2) m3");
    assert!(matches!(&command.assigns[0].value, Value::Array(words) if words.len() == 2));
    assert!(parse("m1 a=(b)").is_err());
    assert!(parse("eval a=(b)\\;m2").is_err());
}

#[test]
fn redirections() {
    use RedirectKind::{Append, Duplicate, HereString, Read, ReadWrite, Write};
    for (text, descriptor, kind, target) in [
        ("x <f", None, Read, "f"),
        ("x 2>f", Some(2), Write, "f"),
        ("x >|f", None, Write, "f"),
        ("x &>f", None, Write, "f"),
        ("x &>>f", None, Append, "f"),
        ("x >>f", None, Append, "f"),
        ("x <>f", None, ReadWrite, "f"),
        ("x <<<f", None, HereString, "f"),
        ("x 2>&1", Some(2), Duplicate, "1"),
        ("x 2>&1-", Some(2), Duplicate, "1-"),
        ("x <&-", Some(0), Duplicate, "-"),
        ("x >&f", None, Write, "f"),
        ("x >& f", None, Write, "f"),
        ("x >&2f", None, Write, "2f"),
        ("x {fd}>f", Some(10), Write, "f"),
        ("x 1\\\n2>\\\n>f", Some(12), Append, "f"),
    ] {
        let command = simple(text);
        let redirect = &command.redirects[0];
        assert_eq!((redirect.descriptor, redirect.kind), (descriptor, kind), "{text}");
        assert_eq!(known(&redirect.target).as_deref(), Some(target), "{text}");
        assert_eq!(command.words.len(), 1, "{text}");
    }
    assert_eq!(words("5>&-rm x"), [[lit("rm")], [lit("x")]]);
    assert_eq!(words("x 2 >f"), [[lit("x")], [lit("2")]]);
    assert_eq!(words("x {}>f {1}>f {a,b}>f").len(), 4);
    assert!(parse("{a[$(m1)]}>f m2").is_err());
    assert!(parse("x >! f").is_err());
}

#[test]
fn here_documents() {
    fn bodies(text: &str) -> Vec<Vec<Part>> {
        simple(text).redirects.into_iter().map(|redirect| redirect.target.parts).collect()
    }
    assert_eq!(bodies("x <<A <<'B' <<-C\na\nA\n$b\nB\n\tc\n\tC\nm"), [[quo("a\n")], [quo("$b\n")], [quo("c\n")]]);
    assert_eq!(bodies("x <<E\nE"), [[quo("")]]);
    assert_eq!(bodies("x <<E\na"), [[quo("a")]]);
    assert_eq!(bodies("x <<E\n\"a\\\nb\" \\$c\nE\n"), [[quo("\"ab\" $c\n")]]);
    assert_eq!(bodies("x <<$'a b'\nc\na b\n"), [[quo("c\n")]]);
    assert_eq!(bodies("x <<\"a\"'b'\\c\n$d\nabc\n"), [[quo("$d\n")]]);
    assert!(matches!(
        &bodies("x <<E\na $(b)\nE\n")[0][..],
        [Part::Quoted(_), Part::Command { quoted: true, .. }, Part::Quoted(_)]
    ));
    assert_eq!(names("x <<E | y\n$(z <<F\n$(w)\nF\n)\nE\nv"), ["w", "z", "x", "y", "v"]);
    assert_eq!(names("x \"$(y <<'E'\n)\nE)\"; z"), ["y", "x", "z"]);
    assert!(parse("x $(y <<E)\nz\nE\n").is_err());
    // Of this, bash 5.2 runs `rm -rf x`.
    assert!(parse("a=$(b <<E\nE\nrm; -rf x; c)").is_err());
    assert!(parse("a=$(b <<E | c && d\nE\n); e $(f \"$(g <<E\nE\n)\"; h)").is_ok());
}

#[test]
fn substitutions() {
    for (text, file) in [
        ("$(<f)", true),
        ("$( < f )", true),
        ("`<f`", true),
        ("$(<f x)", false),
        ("$(<f >g)", false),
        ("$(x <f)", false),
    ] {
        let parts = words(text).swap_remove(0);
        assert!(matches!(&parts[..], [Part::Command { file: found, quoted: false, .. }] if *found == file), "{text}");
    }
    assert!(matches!(&words("x <(y) >(z)")[1][..], [Part::Process(_)]));
    assert!(matches!(&words("x $((1 + $(y)))")[1][..], [Part::Arithmetic(_)]));
    assert!(matches!(&words("x $((y); (z))")[1][..], [Part::Command { .. }]));
}

#[test]
fn nodes() {
    fn node(text: &str) -> Node {
        parse(text).unwrap_or_else(|error| panic!("{text}: {}", error.why)).items.swap_remove(0).node
    }
    assert!(matches!(node("a | b |& c"), Node::Pipeline(nodes) if nodes.len() == 3));
    assert!(
        matches!(node("a && b || c"), Node::AndOr(_, rest) if rest.iter().map(|pair| pair.0).eq([Join::And, Join::Or]))
    );
    assert!(
        matches!(node("! time -p -- a"), Node::Redirected(node, redirects) if redirects.is_empty() && matches!(*node, Node::Simple(_)))
    );
    assert!(matches!(node("(a)"), Node::Subshell(_)));
    assert!(matches!(node("((a))"), Node::Arithmetic(_)));
    assert!(matches!(node("((a);b)"), Node::Subshell(_)));
    assert!(matches!(node("{ a; } >f"), Node::Redirected(_, redirects) if redirects.len() == 1));
    assert!(
        matches!(node("for x in a b; do c; done"), Node::For(name, Some(words), _) if name == "x" && words.len() == 2)
    );
    assert!(matches!(node("for x do c; done"), Node::For(_, None, _)));
    assert!(matches!(node("for ((;;)) { c; }"), Node::ArithmeticFor(..)));
    assert!(matches!(node("case x in a|b) c;; (d) e;& *) esac"), Node::Case(_, clauses) if clauses.len() == 3));
    assert!(matches!(node("f() { a; }"), Node::Function(name, _) if name == "f"));
    assert!(matches!(node("function f (a)"), Node::Function(name, _) if name == "f"));
    assert!(matches!(node("function f () (a)"), Node::Function(name, _) if name == "f"));
    assert!(matches!(node("coproc N { a; }"), Node::Coprocess(node) if matches!(*node, Node::Group(_))));
    assert!(matches!(node("coproc a b"), Node::Coprocess(node) if matches!(*node, Node::Simple(_))));
    assert!(matches!(node("[[ a == b && ! -f c ]]"), Node::Condition(words) if words.len() == 6));
    assert!(matches!(node("until a; do b; done"), Node::While(..)));
    assert!(
        matches!(node("if a; then b; elif c; then d; else e; fi"), Node::If(branches, Some(_)) if branches.len() == 2)
    );
    let script = parse("a & b").expect("a script");
    assert!(script.items[0].background && !script.items[1].background);
}

#[test]
fn spans() {
    let text = "a=1 rm  -rf \"x y\" # no\n`\\`b c\\``";
    let script = parse(text).expect("a script");
    let Node::Simple(command) = &script.items[0].node else { panic!() };
    assert_eq!(&text[command.span.clone()], "a=1 rm  -rf \"x y\"");
    let spans: Vec<_> = command.words.iter().map(|word| &text[word.span.clone()]).collect();
    assert_eq!(spans, ["rm", "-rf", "\"x y\""]);
    let Node::Simple(command) = &script.items[1].node else { panic!() };
    let Part::Command { script, .. } = &command.words[0].parts[0] else { panic!() };
    let Node::Simple(inner) = &script.items[0].node else { panic!() };
    assert_eq!(&text[inner.span.clone()], "`\\`b c\\``");
}

#[test]
fn what_ran_before_an_error() {
    let error = parse("a\nb; c\nd; e (\nf").expect_err("an error");
    assert_eq!(found(&error.before).names, ["a", "b", "c"]);
    assert!(error.at >= 7 && error.at <= 13);
    // What is in backticks is only read when the line runs.
    let error = parse("a; b `c\nd (`; e").expect_err("an error");
    assert_eq!(found(&error.before).names, ["a", "c"]);
    let error = parse("a <<E\n$(b\nE\nc").expect_err("an error");
    assert_eq!(found(&error.before).names, ["a"]);
}

#[test]
fn what_zsh_would_run() {
    for text in ["x =(y)", "x *(e:'y':)", "x *(.e'[y]')", "x *(+y)", "x ${(e)y}", "x >!y"] {
        assert!(parse(text).is_err(), "{text}");
    }
    for text in ["x *(.txt)", "x *(e|f)", "x +([0-9])", "x @(end|x)", "x !(*.o)"] {
        assert!(parse(text).is_ok(), "{text}");
    }
}

#[test]
fn a_word_on_its_own() {
    let word = parse_word("a[$(m1)] 'b'").expect("a word");
    assert!(matches!(&word.parts[..], [Part::Quoted(_), Part::Command { quoted: true, .. }, Part::Quoted(_)]));
    assert!(parse_word("$(").is_err());
}

/// Texts that are made to hide a command: each must be found, or the text refused.
#[test]
fn attacks() {
    for text in [
        "5>&-rm x",
        "x 5>&-;rm x",
        "a=(b)\nrm x",
        "a=(x)$(rm x)",
        "a[ $(rm x) ]y",
        "a[$(rm x)] z",
        "a[`rm x`]=1",
        "(a)#b\nrm x",
        "a;#b\nrm x",
        "case x in (a|'b)') ;; *) rm x;; esac",
        "case x in \"a)\") y;; x) rm x;; esac",
        "case x in x) rm x; esac",
        "a <<E''\n$(b)\nE\nrm x",
        "a <<'E'\\F\nb\nEF\nrm x",
        "a <<E\\\nF\nb\nEF\nrm x",
        "r\\\nm x",
        "i\\\nf a; th\\\nen rm x; f\\\ni",
        "a &\\\n& rm x",
        "a <\\\n<E\nb\nE\nrm x",
        "a <\\\n(rm x)",
        "a $\\\n(rm x)",
        "a $(\\\n(rm x); b)",
        "a $\\\n{x:-$(rm x)}",
        "a \"$\\\n(rm x)\"",
        "time -p rm x",
        "time -- rm x",
        "time -p -- rm x",
        "! ! rm x",
        "! time ! rm x",
        "function f { rm x; }; f",
        "function f() { rm x; }; f",
        "function f\n{ rm x; }; f",
        "function f (rm x); f",
        "for x do rm x; done",
        "for x\ndo rm x; done",
        "for x in a; { rm x; }",
        "for ((;;)) { rm x; }",
        "for ((i=$(rm x);;)) do :; done",
        "select x in a; do rm x; done",
        "coproc NAME { rm x; }",
        "coproc rm x",
        "coproc NAME (rm x)",
        "coproc if a; then rm x; fi",
        "a >&$(rm x)",
        "a &>>$(rm x)",
        "a {fd}>$(rm x)",
        "a <<<$(rm x)",
        "a $\"$(rm x)\"",
        "a \"${x:-'$(rm x)'}\"",
        "a \"${x:-'`rm x`'}\"",
        "a \"${x:-'\"$(rm x)\"'}\"",
        "a \"${x:-'}$(rm x)'}\"",
        "a ${x#$(rm x)}",
        "a ${x/'}'/$(rm x)}",
        "a ${x:$(rm x)}",
        "a ${x:'$(rm x)'}",
        "a ${x:-<(rm x)}",
        "a ${a['$(rm x)']}",
        "a \"${a[\"$(rm x)\"]}\"",
        "a ${!x:-$(rm x)}",
        "a ${#a[$(rm x)]}",
        "a ${x@$(rm x)}",
        "a ${$(rm x)}",
        "a $((a[$(rm x)]))",
        "a $(( '$(rm x)' ))",
        "a $[ $(rm x) ]",
        "a $(( `rm x` ))",
        "((a[$(rm x)]++))",
        "[[ -n $(rm x) ]]",
        "[[ a =~ ($(rm x)) ]]",
        "[[ a == @($(rm x)) ]]",
        "[[ a ]] && rm x",
        "[[ (a) ]]; rm x",
        "a @($(rm x))",
        "a `b \\`rm x\\``",
        "a `b \"$(rm x)\"`",
        "a \"`b \\\"\\`rm x\\`\\\"`\"",
        "a ${ rm x; }",
        "a \"${ rm x; }\"",
        "a ${|rm x;}",
        "!(rm x)",
        "f@() { rm x; }; f@",
        "{ rm x;}",
        "{ { rm x; } }",
        "if a; then (rm x) fi",
        "if a\nthen rm x\nfi",
        "a\r\nrm x",
        "a <<E\r\nb\nE\r\nrm x",
        "a | while b; do rm x; done",
        "a=1 b=2 >f rm x",
        ">f rm x",
        "2>f rm x",
        "<<E rm x\nE",
        "a <<E; rm x\nE",
        "a <<E &&\nE\nrm x",
        "a $(b <<E\n)\nE\nrm x)",
        "a \"${x:-$'\\x24(rm x)'}\"",
        "a $(($'\\x24(rm x)'))",
        "a=(@(b)\nrm x\n)",
        "a <<E\n${x:-$(rm x)}\nE",
        "a <<E\n`rm x`\nE",
        "a <<E\n$((`rm x`))\nE",
        "a <<-E\n\t$(rm x)\n\tE",
        "a <<-E\n\\\n\tE\nrm x",
        "a <<E\n\\\\\nE\nrm x",
        "a <<E\n\\\\\\\nE\nb\nE\nrm x",
        "a # \\\nrm x",
        "a '\\\n'; rm x",
        "a \"#\" ; rm x",
        "a $# ; rm x",
        "a ${#}# ; rm x",
        "a $'\\'' ; rm x",
        "a '\\' ; rm x",
        "a \"\\\\\" ; rm x",
        "a $$(rm x)",
        "a $$'b'; rm x",
        "alias a=b\nrm x",
        "a & rm x",
        "a |& rm x",
        "a&>b;rm x",
        "a 2>&1;rm x",
        "a 2>&1&rm x",
        "a >b&rm x",
        "rm>f x",
        "rm<f x",
        "declare a=$(rm x)",
        "declare a=($(rm x))",
        "local -a b=([$(rm x)]=1)",
        "let a=($(rm x))",
        "a[1]=(b) rm x",
        "then\\\n rm x",
        "\u{feff}a; rm x",
    ] {
        if let Ok(script) = parse(text) {
            let found = found(&script);
            assert!(found.dynamic || found.names.iter().any(|name| name == "rm"), "{text:?}: {:?}", found.names);
        }
    }
}
