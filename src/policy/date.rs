//! Days.

use toml::value::Datetime;

/// A day, counted from 1970-01-01 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub i64);

impl Day {
    /// The day that the system's clock says it is. A clock that can't be read stands at the end of time: whatever ends
    /// has ended.
    #[must_use]
    pub fn today() -> Self {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Self(since.map_or(i64::MAX, |since| i64::try_from(since.as_secs() / 86_400).unwrap_or(i64::MAX)))
    }

    /// The day that a policy file names. `None`: it names no day, or more than one.
    #[must_use]
    pub fn of(date: &Datetime) -> Option<Self> {
        let (Some(date), None) = (date.date, date.time) else { return None };
        // After Howard Hinnant's `days_from_civil`: years begin in March, so that the leap day is their last.
        let (year, month, day) = (i64::from(date.year), i64::from(date.month), i64::from(date.day));
        let year = if month <= 2 { year - 1 } else { year };
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        Some(Self(365 * year + year / 4 - year / 100 + year / 400 + of_year - 719_468))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted() {
        let day = |text: &str| Day::of(&text.parse().expect("a date"));
        assert_eq!(day("1970-01-01"), Some(Day(0)));
        assert_eq!(day("2000-02-29"), Some(Day(11_016)));
        assert_eq!(day("2026-11-22"), Some(Day(20_779)));
        assert_eq!(day("2026-11-22T10:00:00Z"), None);
        assert_eq!(day("10:00:00"), None);
        assert!(Day::today() > Day(20_000));
    }
}
