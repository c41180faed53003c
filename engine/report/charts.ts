/** Small SVG charts. Every value is written beside its bar; a table says the same to a screen reader. */
import { Html, html } from './escape.ts';

export interface Bar {
  readonly label: string;
  /** Null: no bar. */
  readonly value: number | null;
  readonly text: string;
  readonly color: string;
}

/** Horizontal bars from 0 to `max`. */
export function barChart(bars: readonly Bar[], max: number, title: string): Html {
  const row = 28;
  const left = 130;
  const width = 640;
  const span = width - left - 110;
  const rows = bars.map(({ label, value, text, color }, at) => {
    const y = at * row;
    const length = value === null || max <= 0 ? 0 : (span * Math.min(value, max)) / max;
    return html`<text x="${left - 10}" y="${y + 18}" text-anchor="end">${label}</text><rect x="${left}" y="${y + 6}" width="${span}" height="16" fill="#e8e8e8"/><rect x="${left}" y="${y + 6}" width="${length.toFixed(1)}" height="16" fill="${color}"/><text x="${left + span + 10}" y="${y + 18}">${text}</text>`;
  });
  const height = bars.length * row;
  return html`<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}"><title>${title}</title>${rows}</svg>`;
}

/** Columns in order, for values over time. */
export function columnChart(bars: readonly Bar[], title: string): Html {
  const width = 640;
  const height = 180;
  const base = height - 34;
  const max = Math.max(...bars.map(({ value }) => value ?? 0), Number.MIN_VALUE);
  const step = width / Math.max(1, bars.length);
  const room = Math.min(48, step * 0.7);
  const showsText = bars.length <= 12;
  const columns = bars.map(({ label, value, text, color }, at) => {
    const x = at * step + (step - room) / 2;
    const tall = value === null ? 0 : ((base - 22) * value) / max;
    const middle = (at * step + step / 2).toFixed(1);
    const words = showsText
      ? html`<text x="${middle}" y="${(base - tall - 6).toFixed(1)}" text-anchor="middle">${text}</text><text class="small" x="${middle}" y="${base + 16}" text-anchor="middle">${label}</text>`
      : new Html('');
    return html`<rect x="${x.toFixed(1)}" y="${(base - tall).toFixed(1)}" width="${room.toFixed(1)}" height="${tall.toFixed(1)}" fill="${color}"><title>${label}: ${text}</title></rect>${words}`;
  });
  return html`<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}"><title>${title}</title><line x1="0" x2="${width}" y1="${base}" y2="${base}" stroke="#595959"/>${columns}</svg>`;
}
