//! The hook's part: whether a denied call was approved, and if not, how it could be.

use super::folder::Folder;
use super::letter::{Letter, host};
use super::request::{Approval, Request};
use super::{Subject, code_of, spelled, ssh};
use crate::call::Call;
use crate::judge::Judgement;
use crate::policy::approve::Approvable;
use std::path::Path;

/// What becomes of a denied call that may be approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pass {
    /// It was approved, and this was the one time.
    Approved {
        /// Who, for the journal and the client.
        who: String,
        /// The id of the journal's line about the denial.
        about: String,
    },
    /// It can be approved: the line that says how.
    Open(String),
}

/// Looks whether a denied call was approved, and uses that up; if it wasn't, leaves a request. `event` is what the client
/// sent, `about` the id under which the denial will be written down. `None`: it can't be approved after all.
#[must_use]
pub fn look(call: &Call, event: &[u8], judgement: &Judgement, approvable: &Approvable, about: &str) -> Option<Pass> {
    let home = call.home.as_deref().map(Path::new)?;
    let subject = Subject::of(call, event)?;
    let folder = Folder::make(home).ok()?;
    if let Some(approved) = approved(&folder, &subject, judgement, approvable) {
        return Some(approved);
    }
    Request::new(&subject, approvable, &judgement.rules, about).save(&folder).ok()?;
    let code = spelled(&code_of(&subject.digest()));
    Some(Pass::Open(match approvable.signers {
        None => format!("A person can approve this very call: `countersign approve {code}` in a terminal of theirs."),
        Some(_) => format!(
            "A signature can approve this very call: a person begins with `countersign approve --request {code}` in a \
             terminal of theirs."
        ),
    }))
}

fn approved(folder: &Folder, subject: &Subject, judgement: &Judgement, approvable: &Approvable) -> Option<Pass> {
    let digest = subject.digest();
    let code = code_of(&digest);
    let approval = Approval::load(folder, &digest)?;
    if !approval.covers(&judgement.rules, approvable) {
        return None;
    }
    let who = match (&approvable.signers, &approval.letter) {
        (None, None) => format!("a person at a terminal ({})", spelled(&code)),
        // Who demands no signature is content with one, if somebody says whose count; here nobody does.
        (None, Some(_)) | (Some(_), None) => return None,
        (Some(signers), Some(text)) => {
            // The approval lies where any program of the person's could have written it. The signature tells.
            let letter: Letter = text.parse().ok()?;
            // What the approval says was shown is as easily written; what the letter says was signed.
            let shown = Approval::signed(&letter, text.clone()).covers(&judgement.rules, approvable);
            let same = letter.subject == *subject && shown;
            if !same || letter.objection(Some(&host())).is_some() {
                return None;
            }
            let signer = ssh::verify(text, &folder.path.join(signature(&code)), signers).ok()?;
            // Each letter counts once, however often its signature is laid there again.
            folder.create(&format!("{}.used", letter.nonce), "").ok()?;
            format!("the signature of {signer} ({})", spelled(&code))
        }
    };
    if !approval.spend(folder) {
        return None;
    }
    // What is left of it is of no use any more.
    let _ = folder.take(&format!("{code}.request"));
    let _ = folder.take(&signature(&code));
    Some(Pass::Approved { who, about: approval.about })
}

/// The file of a signature.
#[must_use]
pub fn signature(code: &str) -> String {
    format!("{code}.sig")
}
