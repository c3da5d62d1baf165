//! A person at a terminal, for tests/realclient: `person QUESTION ANSWER COMMAND…` runs the command at a pseudo-terminal
//! of its own, types the answer once the question stands there, and prints what was shown.
//!
//! This process is the terminal's emulator. An interpreter can't be: `countersign approve` refuses one that holds a terminal.

#[cfg(target_os = "linux")]
#[path = "../tests/terminal/mod.rs"]
mod terminal;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [question, answer, command @ ..] = arguments.as_slice() else {
        eprintln!("usage: person QUESTION ANSWER COMMAND…");
        return std::process::ExitCode::from(2);
    };
    let command: Vec<&str> = command.iter().map(String::as_str).collect();
    let (code, shown) = terminal::answered(&mut terminal::in_a_terminal(&command), question, answer);
    print!("{shown}");
    u8::try_from(code).unwrap_or(1).into()
}

#[cfg(not(target_os = "linux"))]
fn main() {}
