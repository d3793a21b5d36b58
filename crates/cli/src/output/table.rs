//! Aligned columns for people.

/// How a column stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Figures.
    Right,
    /// Dollars: all of the column with as many decimals as the one that has most.
    Money,
}

/// Rows under a head.
pub struct Table {
    columns: Vec<(&'static str, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns.
    #[must_use]
    pub fn new(columns: &[(&'static str, Align)]) -> Self {
        Self {
            columns: columns.to_vec(),
            rows: Vec::new(),
        }
    }

    /// One more row, a cell for each column.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The table, or a sentence where it has no rows.
    #[must_use]
    pub fn or(&self, nothing: &str) -> String {
        if self.rows.is_empty() {
            format!("{nothing}\n")
        } else {
            self.to_string()
        }
    }

    /// The cells of a column under its head, as they are shown, all of one width.
    fn column(&self, at: usize) -> Vec<String> {
        let (name, align) = self.columns[at];
        let cells = self.rows.iter();
        let cells = cells.map(|row| row.get(at).map_or("", String::as_str));
        let most = cells.clone().filter_map(decimals).max();
        let shown = cells.map(|cell| match (align, decimals(cell), most) {
            (Align::Money, Some(has), Some(most)) => cell.to_owned() + &"0".repeat(most - has),
            _ => cell.to_owned(),
        });
        let shown: Vec<String> = std::iter::once(name.to_owned()).chain(shown).collect();
        let width = shown.iter().map(|cell| cell.chars().count()).max();
        let width = width.unwrap_or_default();
        let filled = shown.iter().map(|cell| match align {
            Align::Left => format!("{cell:<width$}"),
            Align::Right | Align::Money => format!("{cell:>width$}"),
        });
        filled.collect()
    }
}

/// How many decimals an amount is written with; none of a cell that is no amount.
fn decimals(cell: &str) -> Option<usize> {
    let (_, fraction) = cell.rsplit_once('.')?;
    fraction
        .bytes()
        .all(|each| each.is_ascii_digit())
        .then_some(fraction.len())
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let columns: Vec<Vec<String>> = (0..self.columns.len()).map(|at| self.column(at)).collect();
        for line in 0..=self.rows.len() {
            let cells: Vec<&str> = columns.iter().map(|cells| cells[line].as_str()).collect();
            writeln!(f, "{}", cells.join("  ").trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(&[("NAME", Align::Left), ("COST", Align::Right)]);
        table.row(["élan".to_owned(), "$1.50".to_owned()]);
        table.row(["a longer one".to_owned(), String::new()]);
        assert_eq!(
            table.to_string(),
            "NAME           COST\nélan          $1.50\na longer one\n"
        );
    }

    #[test]
    fn the_points_of_a_columns_dollars_stand_below_each_other() {
        let mut table = Table::new(&[("FOR", Align::Left), ("COST", Align::Money)]);
        for (name, cost) in [
            ("a", "$1.50"),
            ("b", "-$0.015815"),
            ("c", ""),
            ("d", "free"),
        ] {
            table.row([name.to_owned(), cost.to_owned()]);
        }
        assert_eq!(
            table.to_string(),
            "FOR        COST\na     $1.500000\nb    -$0.015815\nc\nd          free\n"
        );
    }
}
