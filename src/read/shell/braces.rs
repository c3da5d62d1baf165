//! Brace expansion: `a{b,c}d`, `{1..3}`.

use super::ast::Part;

/// The most words that braces may make of one.
const BRACES: usize = 64;

/// Brace expansion: `a{b,c}d`, `{1..3}`. `None`: too many words.
pub(super) fn braces(parts: &[Part]) -> Option<Vec<Vec<Part>>> {
    let mut done: Vec<Vec<Part>> = Vec::new();
    let mut open = vec![parts.to_vec()];
    while let Some(parts) = open.pop() {
        match first_brace(&parts) {
            Some(choices) => {
                open.extend(choices.into_iter().rev());
                if open.len() + done.len() > BRACES {
                    return None;
                }
            }
            None => done.push(parts),
        }
    }
    Some(done)
}

/// Where a character of a literal stands: part and byte.
type Spot = (usize, usize);

/// The first brace of a word that expands, expanded.
fn first_brace(parts: &[Part]) -> Option<Vec<Vec<Part>>> {
    let literal = |at: usize| match parts.get(at) {
        Some(Part::Literal(text)) => text.as_str(),
        _ => "",
    };
    let spots: Vec<(Spot, u8)> = (0..parts.len())
        .flat_map(|part| literal(part).bytes().enumerate().map(move |(at, byte)| ((part, at), byte)))
        .filter(|(_, byte)| matches!(byte, b'{' | b'}' | b','))
        .collect();
    for (start, (open, byte)) in spots.iter().enumerate() {
        if *byte != b'{' {
            continue;
        }
        let mut depth = 0usize;
        let mut commas = Vec::new();
        for (spot, byte) in &spots[start + 1..] {
            match byte {
                b'{' => depth += 1,
                b',' if depth == 0 => commas.push(*spot),
                b'}' if depth == 0 => {
                    if let Some(choices) = choices(parts, *open, &commas, *spot) {
                        return Some(choices);
                    }
                    break;
                }
                b'}' => depth -= 1,
                _ => {}
            }
        }
    }
    None
}

fn choices(parts: &[Part], open: Spot, commas: &[Spot], close: Spot) -> Option<Vec<Vec<Part>>> {
    let before = slice(parts, (0, 0), open);
    let after = slice(parts, (close.0, close.1 + 1), (parts.len(), 0));
    let middles: Vec<Vec<Part>> = if commas.is_empty() {
        let Part::Literal(text) = parts.get(open.0)? else { return None };
        if open.0 != close.0 {
            return None;
        }
        let (from, to) = text[open.1 + 1..close.1].split_once("..")?;
        let to = to.split("..").next().unwrap_or(to);
        range(from, to)?.into_iter().map(|item| vec![Part::Literal(item.into())]).collect()
    } else {
        let mut starts = vec![(open.0, open.1 + 1)];
        starts.extend(commas.iter().map(|comma| (comma.0, comma.1 + 1)));
        let ends = commas.iter().copied().chain([close]);
        starts.into_iter().zip(ends).map(|(from, to)| slice(parts, from, to)).collect()
    };
    Some(
        middles
            .into_iter()
            .map(|middle| before.iter().cloned().chain(middle).chain(after.iter().cloned()).collect())
            .collect(),
    )
}

/// The parts from one spot to another.
fn slice(parts: &[Part], from: Spot, to: Spot) -> Vec<Part> {
    let mut out = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        if at < from.0 || at > to.0 {
            continue;
        }
        match part {
            Part::Literal(text) => {
                let start = if at == from.0 { from.1 } else { 0 };
                let end = if at == to.0 { to.1 } else { text.len() };
                if let Some(text) = text.get(start..end).filter(|text| !text.is_empty()) {
                    out.push(Part::Literal(text.into()));
                }
            }
            part if at > from.0 && at < to.0 => out.push(part.clone()),
            _ => {}
        }
    }
    out
}

/// `{1..9}`, `{a..e}`.
fn range(from: &str, to: &str) -> Option<Vec<String>> {
    if let (Ok(from), Ok(to)) = (from.parse::<i64>(), to.parse::<i64>()) {
        let (low, high) = (from.min(to), from.max(to));
        // Numbers are never dangerous in themselves: the first few stand for all of them.
        return Some((low..=high.min(low.saturating_add(3))).map(|number| number.to_string()).collect());
    }
    match (from.as_bytes(), to.as_bytes()) {
        ([from], [to]) if from.is_ascii_alphabetic() && to.is_ascii_alphabetic() => {
            Some((*from.min(to)..=*from.max(to)).map(|byte| char::from(byte).to_string()).collect())
        }
        _ => None,
    }
}
