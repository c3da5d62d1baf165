//! Scripts by chance, out of all that a shell's grammar has to hide a command in. What they run by name is `m1` … `m9`, or a
//! program that hands a command on; they name no path that isn't below the directory that they run in, and they end.

use crate::oracle::Random;

/// How deep constructs may stand in each other.
const DEPTH: usize = 3;

/// Makes scripts.
pub(crate) struct Grammar<'r> {
    random: &'r mut Random,
    depth: usize,
    /// The functions that were defined.
    functions: usize,
    /// Variables that loops count with.
    counters: usize,
}

/// A script.
pub(crate) fn script(random: &mut Random) -> String {
    let mut grammar = Grammar { random, depth: 0, functions: 0, counters: 0 };
    let count = 1 + grammar.random.below(4);
    (0..count).map(|_| grammar.statement()).collect::<Vec<_>>().join("\n")
}

/// A text in single quotes.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

impl Grammar<'_> {
    fn one_of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.random.below(texts.len())]
    }

    /// Something deeper, or this where it is deep enough.
    fn deeper(&mut self, otherwise: &str, make: impl FnOnce(&mut Self) -> String) -> String {
        if self.depth >= DEPTH {
            return otherwise.to_owned();
        }
        self.depth += 1;
        let text = make(self);
        self.depth -= 1;
        text
    }

    /// One line, or a few, without here-documents: for what goes on behind it.
    fn line(&mut self) -> String {
        let text = self.statement();
        if text.contains("<<E") || text.contains('#') { "m9 line".to_owned() } else { text }
    }

    fn statement(&mut self) -> String {
        let plain = self.command();
        match self.random.below(30) {
            0 => format!("{plain} && {}", self.command()),
            1 => format!("{plain} || {}", self.command()),
            2 => format!("false || {plain}; true && {}", self.command()),
            3 => format!("{plain} | {}", self.command()),
            4 => format!("! {plain} |& {}", self.command()),
            5 => format!("{plain} & {}", self.command()),
            6 => self.deeper(&plain, |it| format!("({})", it.line())),
            7 => self.deeper(&plain, |it| format!("{{ {}; }} {}", it.line(), it.redirection())),
            8 => self.deeper(&plain, |it| format!("if {}; then {}; else {}; fi", it.condition(), it.line(), it.line())),
            9 => self.deeper(&plain, |it| {
                format!("if {}; then\n{}\nelif {}; then {}; fi", it.condition(), it.line(), it.condition(), it.line())
            }),
            10 => self.deeper(&plain, |it| format!("for x in {} {}; do {}; done", it.word(), it.word(), it.line())),
            11 => self.deeper(&plain, |it| format!("for ((i=0; i<2; i++)); do {}; m1 $i; done", it.line())),
            12 => self.deeper(&plain, |it| {
                it.counters += 1;
                let n = format!("n{}", it.counters);
                let (loops, sign) = if it.random.below(2) == 0 { ("while", "-lt") } else { ("until", "-ge") };
                format!("{n}=0; {loops} [ ${n} {sign} 2 ]; do {}; {n}=$(({n} + 1)); done", it.line())
            }),
            13 => self.deeper(&plain, |it| {
                let (word, one, other) = (it.word(), it.line(), it.line());
                let end = it.one_of(&[";;", ";&", ";;&"]);
                format!("case {word} in a|b*) {one} {end} (*) {other};; esac")
            }),
            14 | 15 => self.deeper(&plain, |it| it.function()),
            16 => self.deeper(&plain, |it| {
                format!("set -- {} {}; m1 \"$@\"; {}; shift; m2 \"$1\" $#", it.word(), it.word(), it.line())
            }),
            17 => self.deeper(&plain, |it| format!("coproc {}; wait", it.command())),
            18 | 19 => format!("{}\n{plain}", self.assignment()),
            20 => format!("{}; {plain}", self.assignment()),
            21 => self.deeper(&plain, |it| format!("# it's ({}\n{}", it.word(), it.statement())),
            22 => format!("{}\n{plain}", self.reads()),
            23 => format!("time {plain}"),
            _ => plain,
        }
    }

    fn condition(&mut self) -> String {
        let word = self.word();
        match self.random.below(6) {
            0 => "true".to_owned(),
            1 => "false".to_owned(),
            2 => format!("[[ {word} == a* ]]"),
            3 => format!("[ -n {} ]", self.quoted_word()),
            4 => self.command(),
            _ => "((1 > 0))".to_owned(),
        }
    }

    fn function(&mut self) -> String {
        self.functions += 1;
        let name = format!("f{}", self.functions);
        let body = self.line();
        let head = match self.random.below(6) {
            0 => format!("{name}() {{ {body}; m3 \"$@\"; }}"),
            1 => format!("function {name} {{ local x=$1; {body}; m3 $x; }}"),
            2 => format!("{name} () (m3 \"$#\" $2; {body})"),
            3 => format!("{name}() {{ {body}; m3 1; }}; {name}() {{ {}; x=r{name}; m3 2; }}", self.declaration()),
            _ => {
                let (first, last) = (self.declaration(), self.declaration());
                format!("{name}() {{ {first}; x=q{name}; m3 $x $y; {body}; {last}; }}")
            }
        };
        format!("{head}\n{name} {} {}; m4 $x \"$y\" \"$z\"", self.word(), self.word())
    }

    /// What decides in a function whose a variable is, in all the ways in which that may be certain or not.
    fn declaration(&mut self) -> String {
        let name = self.one_of(&["x", "x", "y"]);
        let value = self.one_of(&["a1", "$1", "b1 c1", "$x"]);
        match self.random.below(30) {
            0 => format!("local {name}"),
            1 => format!("local {name}=\"{value}\""),
            2 => format!("local {name}+=d1"),
            3 => format!("if [ \"$1\" ]; then local {name}=k1; else {name}=l1; fi"),
            4 => format!("{} && local {name}", self.one_of(&["true", "false", "[ \"$2\" ]"])),
            5 => format!("[ -z \"$1\" ] || local {name}=$1"),
            6 => format!("case $1 in a*) local {name};; esac"),
            7 => format!("for i in $u $x; do local {name}; done"),
            8 => format!("while read l; do local {name}; done < /dev/null"),
            9 => format!("local {name} & wait"),
            10 => format!("declare -g {name}=g1"),
            11 => format!("local {name}; declare -g {name}=g2"),
            12 => format!("local {name}; eval 'declare -g {name}=g3'"),
            13 => format!("declare {} {name}", self.one_of(&["-p", "-f", "-F", "-x", "-r", "-l", "--", "+x", "-gx"])),
            14 => format!("typeset {name}=t1"),
            15 => format!("declare \"${{o:--g}}\" {name}=o1"),
            16 => format!("local ${{o:-{name}}}"),
            17 => format!("unset {name}"),
            18 => format!("local {name}=1; unset {name}"),
            19 => format!("h() {{ unset {name}; {name}=h1; }}; local {name}=i1; h"),
            20 => format!("h() {{ declare -g {name}=h2; }}; local {name}; h"),
            21 => format!("{} return", self.one_of(&["[ \"$2\" ] &&", "[ \"$u\" ] ||", "false &&"])),
            22 => "for i in 1 2; do x=s$i; [ \"$2\" ] && break; x=t$i; done".to_owned(),
            23 => "for i in 1 2; do x=v$i; [ \"$2\" ] && continue; x=w$i; done".to_owned(),
            24 => format!("shift {}; m5 \"$1\" $2", self.one_of(&["", "1", "2", "3", "9", "-1"])),
            25 => format!("readonly {name}"),
            26 => format!("{name}=j1 & wait"),
            27 => format!("local -a {name}=(e1 e2)"),
            28 => format!("[ \"$2\" ] && set -- n1 {name}; m6 $1 \"$2\""),
            _ => format!("export {name}=n1"),
        }
    }

    fn assignment(&mut self) -> String {
        let word = self.word();
        match self.random.below(18) {
            14 => format!("{} y+={}", self.one_of(&["declare", "export", "typeset"]), self.quoted_word()),
            15 => format!("[ \"$1\" ] && x={word}"),
            16 => format!("x={word} & wait"),
            17 => format!("trap 'm9 $x' EXIT; x={word}"),
            0 => format!("y={word}"),
            1 => format!("x+={word}"),
            2 => format!("a=({word} {})", self.word()),
            3 => format!("a+=({word})"),
            4 => format!("export y={word}"),
            5 => format!("declare y={word}"),
            6 => "unset x".to_owned(),
            7 => format!("printf -v y %s {word}"),
            8 => "c=m4".to_owned(),
            9 => format!("a[1]={word}"),
            10 => "IFS=,".to_owned(),
            11 => "x=p,q".to_owned(),
            12 => format!("y=({word}); readonly z={word}"),
            _ => format!("x={word}"),
        }
    }

    /// Variables that are set by what is read.
    fn reads(&mut self) -> String {
        let word = self.word();
        match self.random.below(10) {
            4 => format!("read -r x <<< {word}"),
            5 => "read -ra a <<< \"m6 $x b1\"; \"${a[@]}\"".to_owned(),
            6 => format!(
                "{} read -r{} <<< \"a1:b1 $x:c1:\"",
                self.one_of(&["", "IFS=:", "IFS=", "IFS=' '"]),
                self.one_of(&[" x", " x y", "a a"])
            ),
            7 => format!("read {} <<E\n{word} \\\\ b\nc d\nE\n", self.one_of(&["x", "-r x y", "y"])),
            8 => format!("{{ read x; read y; }} <<< {word}"),
            9 => format!(
                "printf -v y {} {word} {}; $y",
                self.one_of(&["'m6 %s '", "'m6 %s %s\\n'", "'m6 %q '", "'m6 %d%%'", "m6"]),
                self.word()
            ),
            0 => format!("read x y <<< {word}"),
            1 => format!("mapfile -t a <<< {word}"),
            2 => format!("read -r x < <(echo {word})"),
            _ => format!("while read -r x; do m5 $x; done <<< {word}"),
        }
    }

    fn redirection(&mut self) -> String {
        match self.random.below(7) {
            0 => "> t1".to_owned(),
            1 => ">> t2".to_owned(),
            2 => "2>&1".to_owned(),
            3 => "< /dev/null".to_owned(),
            4 => format!("<<< {}", self.word()),
            5 => "&> t3".to_owned(),
            _ => String::new(),
        }
    }

    /// One simple command, or something that runs one.
    fn command(&mut self) -> String {
        let name = self.name();
        let words = self.words();
        let plain = format!("{name} {words}");
        match self.random.below(46) {
            0 => format!("{} {plain}", self.redirection()),
            1 | 2 => format!("{plain} {}", self.redirection()),
            3 => format!("Z={} {plain}", self.word()),
            4 => format!("env A=1 {plain}"),
            5 => format!("nice -n 5 {plain}"),
            6 => format!("timeout 5 {plain}"),
            7 => format!("command {plain}"),
            8 => format!("nohup {plain}"),
            9 => format!("setsid -w {plain}"),
            10 => format!("(exec {plain})"),
            11 => format!("env -u B nice timeout -k 1 5 {plain}"),
            12 => self.deeper(&plain, |it| format!("eval {}", quoted(&it.line()))),
            13 => format!("eval {plain}"),
            14 => format!("eval \"m6 {}\"", self.one_of(&["$x", "\\$x", "'a b'", "\\\"$y\\\"", "; m7"])),
            15 => self.deeper(&plain, |it| format!("sh -c {} zero {}", quoted(&it.line()), it.words())),
            16 => self.deeper(&plain, |it| format!("bash -c {}", quoted(&it.statement()))),
            17 => format!("bash -c 'm6 \"$1\" \"$0\"' {} {}", self.word(), self.word()),
            18 => format!("echo a b | xargs {plain}"),
            19 => format!("xargs -n1 m7 {} <<< \"p q\"", self.quoted_word()),
            20 => "echo 'a b' | xargs -I{} m7 x{}".to_owned(),
            21 => self.deeper(&plain, |it| format!("echo {} | sh", quoted(&it.line()))),
            22 => self.deeper(&plain, |it| format!("bash <<'END'\n{}\nEND\n", it.line())),
            23 => format!("bash <<END\nm6 {}\nEND\n", self.one_of(&["$x", "\\$x", "$(m8 in)", "'$x'", "${x:-q}"])),
            24 => format!("sh <<< \"m6 {}\"", self.one_of(&["$x", "a", "'b c'", "$(echo d)"])),
            25 => format!(
                "{name} {words} <<E\n{}\nE\n",
                self.one_of(&["$(m8 in)", "`m8 in`", "$x ${y:-$(m8 d)}", "\\$(m8 no)"])
            ),
            26 => format!("cat <<E | {plain}\n{}\nE\n", self.one_of(&["$(m8 in)", "text"])),
            27 => format!("{plain} <({})", self.inner()),
            28 => format!("{plain} > >({})", self.inner()),
            29 => self.deeper(&plain, |it| {
                format!(
                    "echo {} > s1; {}",
                    quoted(&it.line()),
                    it.one_of(&[". ./s1", "bash s1", "sh ./s1 q", "source s1"])
                )
            }),
            30 => format!("printf 'm6 %s\\n' {} | bash -s", self.one_of(&["a", "b"])),
            31 => format!("[[ -n {} ]] && {plain}", self.quoted_word()),
            32 => format!("builtin eval {plain}"),
            33 => format!("{plain} # {} 'x", self.word()),
            34 => format!("\\\n{name} \\\n {words}"),
            35 => format!("((n = $({} ; echo 1))); {plain}", self.inner()),
            36 => format!("declare q=$({}); {plain}", self.inner()),
            37 => format!("a=([0]=$({})); {plain}", self.inner()),
            38 => self.deeper(&plain, |it| format!("tee t4 <<< $({}) | {}", it.inner(), it.command())),
            _ => plain,
        }
    }

    /// What stands in a substitution.
    fn inner(&mut self) -> String {
        self.deeper("m8 deep", |it| if it.random.below(4) == 0 { it.line() } else { it.command() })
            .trim_end()
            .to_owned()
            + "\n"
    }

    fn name(&mut self) -> String {
        let name = ["m1", "m2", "m3", "m4", "m5"][self.random.below(5)];
        match self.random.below(16) {
            0 => format!("'{name}'"),
            1 => format!("\\{name}"),
            2 => format!("m\"{}\"", &name[1..]),
            3 => format!("$'\\x6d{}'", &name[1..]),
            4 => format!("$(echo {name})"),
            5 => "$c".to_owned(),
            6 => format!("${{c:-{name}}}"),
            7 => format!("{{{name},w}}"),
            8 => format!("${{u}}{name}"),
            9 => format!("m\\\n{}", &name[1..]),
            _ => name.to_owned(),
        }
    }

    fn words(&mut self) -> String {
        (0..self.random.below(4)).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }

    fn quoted_word(&mut self) -> String {
        format!("\"{}\"", self.one_of(&["$x", "${y}", "a b", "${a[@]}", "$(echo q)", "${u:-d e}", "x$x"]))
    }

    fn word(&mut self) -> String {
        match self.random.below(66) {
            60 => "\"${@:2}\"".to_owned(),
            61 => format!("${{@:{}}}", self.one_of(&["1:1", "0", "0:2", " -1", "3"])),
            62 => format!("\"${{a[@]:{}}}\"", self.one_of(&["0:1", "1:2", " -1", "5", "1:0"])),
            63 => format!("\"${{*:{}}}\"", self.one_of(&["1", "2:2"])),
            64 => format!("${{x:{}}}", self.one_of(&["1", " -1", "0:-1", "1:1", "7", "n"])),
            65 => "\"${y:1:3}\"".to_owned(),
            0 => "'a b'".to_owned(),
            1 => "\"c d\"".to_owned(),
            2 => "$'e\\tf\\x41\\101'".to_owned(),
            3 => "g\\ h".to_owned(),
            4 => "i'j'\"k\"l".to_owned(),
            5 => "''".to_owned(),
            6 | 7 => "$x".to_owned(),
            8 | 9 => "\"$x\"".to_owned(),
            10 => "${y}z".to_owned(),
            11 => "${u:-d e}".to_owned(),
            12 => "\"${u:-d e}\"".to_owned(),
            13 => "${x:+s}".to_owned(),
            14 => "${x#a}".to_owned(),
            15 => "${x%%b*}".to_owned(),
            16 => "${x/a/q r}".to_owned(),
            17 => "${x^^}".to_owned(),
            18 => "${#x}".to_owned(),
            19 => "${x:0:2}".to_owned(),
            20 => "\"${a[@]}\"".to_owned(),
            21 => "${a[0]}".to_owned(),
            22 => "\"${a[*]}\"".to_owned(),
            23 => "${#a[@]}".to_owned(),
            24 => "${a[@]:1}".to_owned(),
            25 => "{b,c}".to_owned(),
            26 => "p{1..3}".to_owned(),
            27 => "{a,{b,c}}$x".to_owned(),
            28 => "$((1 + 2))".to_owned(),
            29 => "$((n++))".to_owned(),
            30 => "~".to_owned(),
            31 => "\"$@\"".to_owned(),
            32 => "$1".to_owned(),
            33 => "\"$*\"".to_owned(),
            34 => "$#".to_owned(),
            35 => "$(echo t u)".to_owned(),
            36 => "\"$(echo t u)\"".to_owned(),
            37 => "`echo v`".to_owned(),
            38 => format!("$({})", self.inner()),
            39 => format!("\"$({})\"", self.inner()),
            40 => format!("`{}`", self.one_of(&["m8 b", "m8 \\`m9 c\\`", "m8 \"$x\"", "m8 '\\$x'"])),
            41 => format!("\"${{u:-$({})}}\"", self.inner()),
            42 => format!("${{x:-`{}`}}", self.one_of(&["m8 e", "m8 f g"])),
            43 => "${!c}".to_owned(),
            44 => "${u:=w}".to_owned(),
            45 => "*.none".to_owned(),
            46 => "[x]".to_owned(),
            47 => "--o=$x".to_owned(),
            48 => "-- ".to_owned(),
            49 => "k=v".to_owned(),
            50 => "$\"tr\"".to_owned(),
            51 => "é".to_owned(),
            52 => "a#b".to_owned(),
            53 => "$((${#x} + $(echo 1)))".to_owned(),
            54 => "\"${x@Q}\"".to_owned(),
            55 => "\\$x".to_owned(),
            56 => "$'it\\'s'".to_owned(),
            _ => self.one_of(&["a", "b1", "-x", "--long", "ab", "a,b"]).to_owned(),
        }
    }
}
