/** Decodes `%20` and the like; a text with a percent sign that begins no code is returned unchanged. */
export function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
