//! What an action does by other ways than its words show: through a link, by a pattern, under another name of the same
//! directory. Each such way is an action beside the one that was read, so that the worse of the two counts.

use super::super::{Context, Place, place};
use super::links::{self, Leads};
use super::{follows, is_here, is_pattern, spread};
use crate::read::action::{Action, FileAction, Kind};
use crate::rules::model::Does;

/// The most ways that are added to one call.
const MOST: usize = 1_024;

/// Adds them to a call. `reads`: those of what only reads, and of nothing else.
pub(in super::super) fn settle(actions: &mut Vec<Action>, reads: bool, context: &Context<'_>) {
    // For what loses nothing, the disk isn't looked at.
    let counts = |file: &FileAction| (file.does == Does::Read) == reads && file.does != Does::Touch && is_here(file);
    let outside = |file: &FileAction| file.place.zone == "outside" && counts(file);
    if actions.iter().filter_map(Action::file).any(outside) {
        let reals = [&context.world.project, &context.world.home].map(|known| {
            let real = links::real(known, true, context).filter(|real| !known.is_empty() && real != known)?;
            Some((known.as_str(), real))
        });
        for action in actions.iter_mut() {
            if let Kind::File(file) = &mut action.kind
                && outside(file)
            {
                rename(file, &reals, context);
            }
        }
    }
    let mut more: Vec<Action> = Vec::new();
    for action in actions.iter() {
        let Some(file) = action.file().filter(|file| counts(file)) else { continue };
        let ways = Ways { file, context, found: Vec::new(), sure: true }.all();
        let twin =
            |place| Action { kind: Kind::File(FileAction { place, ..file.clone() }), origin: action.origin.clone() };
        more.extend(ways.found.into_iter().map(twin));
        // What can't be told must not be allowed.
        if !ways.sure || more.len() > MOST {
            more.truncate(MOST);
            more.push(Action { kind: Kind::Code(String::new()), origin: action.origin.clone() });
        }
    }
    actions.extend(more);
}

/// Calls a path by the name that rules know it by, where the project, or the home, lies behind a link and the path doesn't
/// go through that: it is inside of it all the same.
fn rename(file: &mut FileAction, reals: &[Option<(&str, String)>], context: &Context<'_>) {
    for (known, real) in reals.iter().flatten() {
        if place::below(&file.place.path, real) {
            let path = format!("{known}{}", &file.place.path[real.len()..]);
            file.place.zone = place::zone(&path, false, context.world, context.rules).into();
            file.place.path = path;
            return;
        }
    }
}

/// The ways of one action.
struct Ways<'a> {
    file: &'a FileAction,
    context: &'a Context<'a>,
    found: Vec<Place>,
    /// They are all known.
    sure: bool,
}

impl Ways<'_> {
    fn all(mut self) -> Self {
        let file = self.file;
        if is_pattern(file) {
            self.like(&file.place.path);
        } else {
            if file.place.contents && !file.recursive {
                self.like(&format!("{}/*", file.place.path));
            }
            self.through(&file.place);
        }
        if file.recursive && !matches!(file.does, Does::Read | Does::Write | Does::Append) {
            self.same();
        }
        self
    }

    /// What is like a pattern and lies in another zone than the pattern. Reading is allowed by names, too: there,
    /// every one.
    fn like(&mut self, pattern: &str) {
        let spread = spread::spread(pattern, self.context);
        self.sure &= spread.all;
        let own = &self.file.place;
        let reads = self.file.does == Does::Read;
        for path in &spread.names {
            let zone = place::zone(path, false, self.context.world, self.context.rules);
            let known = zone == own.zone || self.found.iter().any(|place| place.zone == zone);
            let place = Place {
                path: path.clone(),
                zone: zone.into(),
                certain: true,
                contents: false,
                slash: own.slash,
                itself: own.itself,
                ..Place::default()
            };
            self.through(&place);
            if reads || !known {
                self.found.push(place);
            }
        }
    }

    /// Where a path leads through links.
    fn through(&mut self, place: &Place) {
        let last = follows(self.file);
        match links::leads(place, last, self.context) {
            Leads::Straight => {}
            Leads::Nowhere => self.sure = false,
            Leads::To(path) => self.found.push(Place {
                zone: place::zone(&path, false, self.context.world, self.context.rules).into(),
                path,
                certain: true,
                contents: place.contents,
                slash: place.slash,
                dots: None,
                itself: place.itself,
                from: Some(place.path.clone()),
            }),
        }
    }

    /// The project, the home or a directory above them, should the path be another name of it.
    fn same(&mut self) {
        let (world, own) = (self.context.world, &self.file.place);
        if matches!(own.zone.as_str(), "home" | "project-root") || place::below(&own.path, &world.project) {
            return;
        }
        let Some(identity) = links::identity(&own.path, self.context) else { return };
        for known in [&world.project, &world.home, &world.cwd] {
            let Some(real) = links::real(known, true, self.context).filter(|_| !known.is_empty()) else { continue };
            let ends = real.match_indices('/').map(|(at, _)| at.max(1)).chain([real.len()]);
            for end in ends {
                let above = &real[..end];
                let stat = self.context.files.stat(above);
                let same = stat.is_some_and(|stat| (stat.device, stat.inode) == identity);
                let path = if end == real.len() { known.as_str() } else { above };
                if same && path != own.path && self.found.iter().all(|place| place.path != path) {
                    self.found.push(Place {
                        path: path.to_owned(),
                        zone: place::zone(path, false, world, self.context.rules).into(),
                        certain: true,
                        from: Some(own.path.clone()),
                        ..Place::default()
                    });
                }
            }
        }
    }
}
