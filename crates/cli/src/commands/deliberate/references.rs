//! The documents that every seat reads, as the one that a session has.

use std::path::{Path, PathBuf};

use crate::commands::files::document;
use crate::exit::Failure;

/// The document of all files with its name; none without a file.
///
/// # Errors
/// As [`document`].
pub(super) fn read(files: &[PathBuf]) -> Result<Option<(String, String)>, Failure> {
    let mut read = Vec::new();
    for file in files {
        read.push((name_of(file), document(file)?));
    }
    Ok(joined(read))
}

/// Joined as the window joins them (`features/deliberations/new/files.ts`): one goes as it is, byte for byte.
fn joined(mut files: Vec<(String, String)>) -> Option<(String, String)> {
    if files.len() < 2 {
        return files.pop();
    }
    let texts = files
        .iter()
        .map(|(name, text)| format!("# {name}\n\n{text}"));
    let text = texts.collect::<Vec<_>>().join("\n\n");
    let names: Vec<String> = files.into_iter().map(|(name, _)| name).collect();
    Some((names.join(", "), text))
}

fn name_of(file: &Path) -> String {
    let name = file.file_name().unwrap_or(file.as_os_str());
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_goes_as_it_is_and_several_under_their_names() {
        let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        assert_eq!(joined(Vec::new()), None);
        let one = file("figures.md", "Twelve.\n");
        assert_eq!(joined(vec![one.clone()]), Some(one.clone()));
        assert_eq!(
            joined(vec![one, file("plan.md", "Thirteen.")]),
            Some(file(
                "figures.md, plan.md",
                "# figures.md\n\nTwelve.\n\n\n# plan.md\n\nThirteen."
            ))
        );
    }
}
