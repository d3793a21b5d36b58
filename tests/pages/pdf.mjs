// PDFs as small as they go, after ISO 32000-1, 7.5.

/**
 * One of these pages, each of these lines; `trailer` stands in its last dictionary.
 * @param {string[][]} pages
 * @param {string} [trailer]
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function pdf(pages, trailer = "") {
  /** @param {string[]} lines */
  const drawn = (lines) => `BT /F1 12 Tf 72 720 Td 14 TL ${lines.map((line) => `(${line}) Tj T*`).join(" ")} ET`;
  const kids = pages.map((_, at) => `${4 + 2 * at} 0 R`).join(" ");
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ...pages.flatMap((lines, at) => [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + 2 * at} 0 R >>`,
      `<< /Length ${drawn(lines).length} >>\nstream\n${drawn(lines)}\nendstream`,
    ]),
  ];
  let text = "%PDF-1.4\n";
  const places = objects.map((object, at) => {
    const place = String(text.length).padStart(10, "0");
    text += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return `${place} 00000 n \n`;
  });
  const size = objects.length + 1;
  return new TextEncoder().encode(`${text}xref\n0 ${size}\n0000000000 65535 f \n${places.join("")}trailer\n<< /Size ${size} /Root 1 0 R ${trailer} >>\nstartxref\n${text.length}\n%%EOF\n`);
}

/** One that wants a password: what stands for its check is nobody's. */
export function lockedPdf() {
  const [id, words] = ["42".repeat(16), "41".repeat(32)];
  return pdf([["Sealed."]], `/ID [<${id}> <${id}>] /Encrypt << /Filter /Standard /V 1 /R 2 /O <${words}> /U <${words}> /P -4 >>`);
}
