//! How many rounds a line holds.

use crate::exit::Failure;
use crate::output::words::count;

/// Most rounds of one line.
pub const MOST_ROUNDS: u32 = 20;

/// How many rounds are held. A prompt that no round is left for is a mistake in the line.
///
/// # Errors
/// Wrong usage, with the line that was meant.
pub fn rounds(asked: Option<u32>, prompts: usize) -> Result<u32, Failure> {
    let steered = u32::try_from(prompts).unwrap_or(u32::MAX).saturating_add(1);
    let rounds = asked.unwrap_or(steered);
    if steered > MOST_ROUNDS {
        return Err(Failure::Usage(format!(
            "{} steer more than {MOST_ROUNDS} rounds; go on with `husting session append`",
            count(prompts as u64, "--prompt")
        )));
    }
    if steered > rounds {
        return Err(Failure::Usage(format!(
            "--rounds {rounds} leaves {} to steer after the first, and {} given; say --rounds \
             {steered}, or leave --rounds out",
            count(u64::from(rounds) - 1, "round"),
            given(prompts)
        )));
    }
    Ok(rounds)
}

fn given(prompts: usize) -> String {
    let are = if prompts == 1 { "is" } else { "are" };
    format!("{} {are}", count(prompts as u64, "--prompt"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    #[test]
    fn prompts_decide_how_many_rounds_are_held_unless_somebody_says_it() {
        for (asked, prompts, held) in [
            (None, 0, 1),
            (None, 2, 3),
            (Some(3), 0, 3),
            (Some(3), 1, 3),
            (Some(3), 2, 3),
            (None, 19, 20),
        ] {
            assert_eq!(rounds(asked, prompts).unwrap(), held);
        }
    }

    #[test]
    fn a_prompt_without_a_round_is_refused_with_the_way_out() {
        for (asked, prompts, said) in [
            (
                Some(2),
                2,
                "--rounds 2 leaves 1 round to steer after the first, and 2 --prompts are given; say --rounds 3, or leave --rounds out",
            ),
            (
                Some(1),
                1,
                "--rounds 1 leaves 0 rounds to steer after the first, and 1 --prompt is given; say --rounds 2, or leave --rounds out",
            ),
            (
                None,
                20,
                "20 --prompts steer more than 20 rounds; go on with `husting session append`",
            ),
        ] {
            let refused = rounds(asked, prompts).unwrap_err();
            assert_eq!(
                (refused.to_string().as_str(), refused.exit()),
                (said, Exit::Usage)
            );
        }
    }
}
