//! A picture for an agent, made of its name alone: five by five fields, the left half mirrored to the
//! right, in a colour of its own. The same name always has the same picture.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use png::{BitDepth, ColorType, Encoder, EncodingError};
use sha2::{Digest, Sha256};

/// Fields in a row.
const FIELDS: usize = 5;
/// Pixels of a field's side; with half a field around them the picture is 240 pixels wide.
const FIELD: usize = 40;
const SIDE: usize = (FIELDS + 1) * FIELD;
/// Behind the fields: a light grey on which every colour below is seen.
const GROUND: [u8; 3] = [0xf2, 0xf0, 0xec];
/// Colours that differ from each other and from the ground.
const INKS: [[u8; 3]; 8] = [
    [0x1f, 0x5f, 0x8b],
    [0x8b, 0x3a, 0x1f],
    [0x2f, 0x6b, 0x3a],
    [0x6a, 0x2f, 0x73],
    [0x7a, 0x5a, 0x12],
    [0x1c, 0x6e, 0x6a],
    [0x8a, 0x24, 0x4d],
    [0x3b, 0x3f, 0x8f],
];

/// The picture as PNG.
///
/// # Errors
/// When it cannot be encoded.
pub fn portrait(name: &str) -> Result<Vec<u8>, EncodingError> {
    let hash = Sha256::digest(name.as_bytes());
    let ink = INKS[usize::from(hash[0]) % INKS.len()];
    let side = u32::try_from(SIDE).unwrap_or(u32::MAX);
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, side, side);
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_palette([GROUND, ink].concat());
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels(&hash))?;
    writer.finish()?;
    Ok(file)
}

/// The picture as Discord takes it:
/// <https://docs.discord.com/developers/reference#image-data>.
///
/// # Errors
/// When it cannot be encoded.
pub fn data_uri(name: &str) -> Result<String, EncodingError> {
    let picture = STANDARD.encode(portrait(name)?);
    Ok(format!("data:image/png;base64,{picture}"))
}

fn pixels(hash: &[u8]) -> Vec<u8> {
    let pixels = (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (x, y)));
    pixels
        .map(|(x, y)| u8::from(is_inked(hash, x, y)))
        .collect()
}

fn is_inked(hash: &[u8], x: usize, y: usize) -> bool {
    let [Some(column), Some(row)] = [x, y].map(field) else {
        return false;
    };
    let column = column.min(FIELDS - 1 - column);
    // The byte that chose the colour is left out.
    hash[1 + row * FIELDS.div_ceil(2) + column] & 1 == 1
}

/// Which field a pixel is in; none on the margin.
fn field(at: usize) -> Option<usize> {
    let field = at.checked_sub(FIELD / 2)? / FIELD;
    (field < FIELDS).then_some(field)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn decoded(picture: &[u8]) -> Vec<u8> {
        let mut reader = png::Decoder::new(Cursor::new(picture)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.width, info.height), (240, 240));
        pixels
    }

    #[test]
    fn a_name_has_one_picture_and_another_name_another() {
        assert_eq!(portrait("kasra").unwrap(), portrait("kasra").unwrap());
        let names = ["kasra", "loom", "river", "sol-2"];
        let pictures = names.map(|name| portrait(name).unwrap());
        for (index, picture) in pictures.iter().enumerate() {
            assert!(!pictures[..index].contains(picture));
        }
    }

    #[test]
    fn a_picture_is_mirrored_and_small() {
        let picture = portrait("kasra").unwrap();
        assert!(picture.len() < 8_192, "{}", picture.len());
        let pixels = decoded(&picture);
        for row in pixels.chunks(pixels.len() / SIDE) {
            let mut mirrored = row.to_vec();
            mirrored.reverse();
            assert_eq!(row, mirrored);
        }
    }
}
