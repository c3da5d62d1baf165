//! Points in time, as people write and read them. All are in UTC.

use crate::policy::date::Day;
use std::ops::Range;
use std::time::{SystemTime, UNIX_EPOCH};
use toml::value::{Date, Datetime};

/// A day, in milliseconds.
pub(in crate::cli) const DAY: u64 = 86_400_000;

/// Reads a time, or how long ago it was. Milliseconds since 1970-01-01 in UTC.
pub(in crate::cli) fn parse(text: &str) -> Result<u64, String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    at(text, u64::try_from(now).unwrap_or(u64::MAX))
}

fn at(text: &str, now: u64) -> Result<u64, String> {
    let wrong = || {
        "write how long ago (`90s`, `30m`, `2h`, `7d`, `2w`), a day (`2026-11-01`) or a time (`2026-11-01T14:30`), in UTC"
            .to_owned()
    };
    let text = text.trim();
    let unit = match text.chars().last() {
        Some('s') => 1_000,
        Some('m') => 60_000,
        Some('h') => 3_600_000,
        Some('d') => DAY,
        Some('w') => 7 * DAY,
        _ => return absolute(text).ok_or_else(wrong),
    };
    let number: u64 = text[..text.len() - 1].trim().parse().map_err(|_| wrong())?;
    number.checked_mul(unit).map(|ago| now.saturating_sub(ago)).ok_or_else(wrong)
}

fn absolute(text: &str) -> Option<u64> {
    let text = text.trim_end_matches(['Z', 'z']).replacen(' ', "T", 1);
    // Seconds may be left out.
    let seconds = if text.len() == "2026-11-01T14:30".len() { ":00" } else { "" };
    let date: Datetime = format!("{text}{seconds}").parse().ok()?;
    if date.offset.is_some() {
        return None;
    }
    let day = Day::of(&Datetime { time: None, ..date })?.0;
    let (hour, minute, second) = date.time.map_or((0, 0, 0), |time| (time.hour, time.minute, time.second));
    let within = (u64::from(hour) * 60 + u64::from(minute)) * 60 + u64::from(second);
    Some(u64::try_from(day).ok()?.checked_mul(DAY)? + within * 1_000)
}

/// A time as programs write it: `2026-11-01T14:30:05.123Z`. Milliseconds since 1970-01-01 in UTC.
pub(in crate::cli) fn stamp(text: &str) -> Option<u64> {
    if let Some(time) = usual(text) {
        return Some(time);
    }
    let (whole, rest) = text.strip_suffix('Z')?.split_once('.').unwrap_or((text.strip_suffix('Z')?, ""));
    let thousandths = format!("{rest:0<3}").get(..3)?.parse::<u64>().ok()?;
    Some(absolute(whole)? + thousandths)
}

/// A time as the client writes it. Transcripts are full of them, and reading dates with all care takes a while.
fn usual(text: &str) -> Option<u64> {
    let bytes = text.as_bytes();
    let form = b"0000-00-00T00:00:00.000Z";
    let fits = |(byte, wanted): (&u8, &u8)| if *wanted == b'0' { byte.is_ascii_digit() } else { byte == wanted };
    if bytes.len() != form.len() || !bytes.iter().zip(form).all(fits) {
        return None;
    }
    let number = |range: Range<usize>| bytes[range].iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
    let [month, day, hour, minute, second] = [5, 8, 11, 14, 17].map(|at| number(at..at + 2) as u8);
    if !(1..=12).contains(&month) || !(1..=28).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let date = Date { year: number(0..4), month, day };
    let day = Day::of(&Datetime { date: Some(date), time: None, offset: None })?.0;
    let within = (u64::from(hour) * 60 + u64::from(minute)) * 60 + u64::from(second);
    Some(u64::try_from(day).ok()? * DAY + within * 1_000 + u64::from(number(20..23)))
}

/// The day as text: `2026-11-01`.
pub(in crate::cli) fn shown_day(days: u64) -> String {
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}")
}

/// The time as text: `2026-11-01 14:30:05`.
pub(in crate::cli) fn shown(time: u64) -> String {
    let (days, seconds) = (time / DAY, time % DAY / 1_000);
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// Year, month and day of a day that is counted from 1970-01-01: Howard Hinnant's `civil_from_days`.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, year) = if month < 10 { (month + 3, year) } else { (month - 9, year + 1) };
    (era * 400 + year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_shown() {
        let now = 1_795_000_000_000;
        for (text, wanted) in [
            ("2h", now - 7_200_000),
            ("90s", now - 90_000),
            ("1w", now - 7 * DAY),
            ("99999d", 0),
            ("1970-01-02", DAY),
            ("2026-11-22", 20_779 * DAY),
            ("2026-11-22T01:02", 20_779 * DAY + 3_720_000),
            ("2026-11-22 01:02:03Z", 20_779 * DAY + 3_723_000),
        ] {
            assert_eq!(at(text, now), Ok(wanted), "{text}");
        }
        for text in ["", "h", "2x", "-2h", "2026", "2026-13-01", "yesterday", "10:00", "99999999999999999999d", "é"] {
            assert!(at(text, now).is_err(), "{text}");
        }
        assert_eq!(shown(20_779 * DAY + 3_723_999), "2026-11-22 01:02:03");
        assert_eq!(shown(11_016 * DAY), "2000-02-29 00:00:00");
        assert_eq!(shown(0), "1970-01-01 00:00:00");
        assert_eq!(shown_day(20_779), "2026-11-22");
        for (text, thousandths) in [("", 0), (".5", 500), (".123", 123), (".123456", 123)] {
            assert_eq!(
                stamp(&format!("2026-11-22T00:00:01{text}Z")),
                Some(20_779 * DAY + 1_000 + thousandths),
                "{text}"
            );
        }
        // What is read quickly is what would be read with care.
        for text in ["2026-11-22T01:02:03.456Z", "2000-02-28T23:59:59.000Z", "1970-01-01T00:00:00.001Z"] {
            let (whole, rest) = text.split_once('.').expect(text);
            let thousandths = rest[..3].parse::<u64>().expect(text);
            assert_eq!(usual(text), absolute(whole).map(|time| time + thousandths), "{text}");
        }
        for text in ["2026-13-22T01:02:03.456Z", "2026-02-30T01:02:03.456Z", "2026-11-22T24:00:00.000Z"] {
            assert_eq!(stamp(text), None, "{text}");
        }
        for text in ["", "2026-11-22T00:00:01", "2026-11-22T00:00:01+01:00", "x.5Z", "2026-11-22T00:00:01.éZ"] {
            assert_eq!(stamp(text), None, "{text}");
        }
    }
}
