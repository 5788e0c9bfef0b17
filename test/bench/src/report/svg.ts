const width = 720;
const ink = "#1f2328";
const faint = "#d0d7de";
const ours = "#0969da";
const colours = [ours, "#bc4c00", "#8250df", "#1a7f37", "#57606a"] as const;

export interface Bar {
  readonly name: string;
  readonly value: number;
  /** Shown in colour. */
  readonly isOurs: boolean;
}

/** Bars from the left, one below the other, each with its value. */
export function barChart(title: string, bars: readonly Bar[], unit: string): string {
  const [left, top, step, right] = [210, 48, 30, 90];
  const most = Math.max(...bars.map(({ value }) => value));
  const rows = bars.map(({ name, value, isOurs }, index) => {
    const y = top + index * step;
    const length = ((width - left - right) * value) / most;
    return [
      text(left - 8, y + 15, name, "end"),
      `<rect x="${left}" y="${y}" width="${length.toFixed(1)}" height="20" rx="2" fill="${isOurs ? ours : "#8c959f"}"/>`,
      text(left + length + 6, y + 15, `${value.toFixed(2)}${unit}`),
    ].join("");
  });
  return svg(title, top + bars.length * step + 12, rows);
}

export interface Line {
  readonly name: string;
  /** Instants, in milliseconds; the line climbs by one at each. */
  readonly stepsAt: readonly number[];
  readonly isDashed?: boolean;
}

/** How many things had happened, over time. */
export function stepChart(title: string, lines: readonly Line[], seconds: number): string {
  const [left, top, right, bottom, height] = [56, 48, 20, 56, 400];
  const most = Math.max(...lines.map(({ stepsAt }) => stepsAt.length));
  const x = (ms: number) => left + ((width - left - right) * ms) / (seconds * 1000);
  const y = (count: number) => height - bottom - ((height - top - bottom) * count) / most;
  const ticks = range(0, seconds, 6).map((second) =>
    [
      `<path d="M${x(second * 1000)} ${top}V${height - bottom}" stroke="${faint}"/>`,
      text(x(second * 1000), height - bottom + 16, `${second} s`, "middle"),
    ].join(""),
  );
  const counts = range(0, most, 60).map((count) => text(left - 8, y(count) + 4, `${count}`, "end"));
  const drawn = lines.map(({ name, stepsAt, isDashed }, index) => {
    const colour = isDashed ? ink : (colours[index % colours.length] ?? ink);
    const steps = stepsAt
      .toSorted((a, b) => a - b)
      .map((at, count) => `H${x(at).toFixed(1)}V${y(count + 1).toFixed(1)}`);
    const dash = isDashed ? ' stroke-dasharray="4 4"' : "";
    const legendX = left + index * 130;
    return [
      `<path d="M${x(0)} ${y(0)}${steps.join("")}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>`,
      `<path d="M${legendX} ${height - 16}h20" stroke="${colour}" stroke-width="3"${dash}/>`,
      text(legendX + 26, height - 12, name),
    ].join("");
  });
  return svg(title, height, [...ticks, ...counts, ...drawn]);
}

function svg(title: string, height: number, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" font-family="system-ui, sans-serif" font-size="13">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="16" y="28" font-size="15" font-weight="600" fill="${ink}">${escaped(title)}</text>`,
    ...parts,
    "</svg>\n",
  ].join("\n");
}

function text(x: number, y: number, content: string, anchor = "start"): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${ink}">${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

function range(from: number, to: number, step: number): readonly number[] {
  return Array.from(
    { length: Math.floor((to - from) / step) + 1 },
    (_, index) => from + index * step,
  );
}
