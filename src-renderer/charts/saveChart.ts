/** Saving what a chart shows: its picture, its values. */
import { saveFile } from '../ui/saveFile.ts';
import { tableToCsv, type Table } from './csv.ts';

export function saveCsv(table: Table, name: string): void {
  saveFile(new Blob([tableToCsv(table)], { type: 'text/csv' }), `${name}.csv`);
}

export function saveSvg(drawing: string, name: string): void {
  saveFile(new Blob([drawing], { type: 'image/svg+xml' }), `${name}.svg`);
}

/** An SVG file as a PNG of twice its size. */
export async function saveDrawnPicture(drawing: string, name: string): Promise<void> {
  const image = new Image();
  const address = URL.createObjectURL(new Blob([drawing], { type: 'image/svg+xml' }));
  try {
    image.src = address;
    await image.decode();
    const picture = document.createElement('canvas');
    picture.width = image.naturalWidth * 2;
    picture.height = image.naturalHeight * 2;
    picture.getContext('2d')?.drawImage(image, 0, 0, picture.width, picture.height);
    const blob = await new Promise<Blob | null>((resolve) => picture.toBlob(resolve, 'image/png'));
    if (blob) saveFile(blob, `${name}.png`);
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** The canvas on an opaque ground, with a margin and its title above it. */
export async function savePicture(
  canvas: HTMLCanvasElement,
  title: string,
  colours: { surface: string; text: string },
  name: string,
): Promise<void> {
  const ratio = canvas.width / Math.max(1, canvas.clientWidth);
  const margin = 16 * ratio;
  const head = 28 * ratio;
  const picture = document.createElement('canvas');
  picture.width = canvas.width + 2 * margin;
  picture.height = canvas.height + 2 * margin + head;
  const ink = picture.getContext('2d');
  if (!ink) return;
  ink.fillStyle = colours.surface;
  ink.fillRect(0, 0, picture.width, picture.height);
  ink.fillStyle = colours.text;
  ink.font = `600 ${14 * ratio}px system-ui, sans-serif`;
  ink.textBaseline = 'top';
  ink.fillText(title, margin, margin);
  ink.drawImage(canvas, margin, margin + head);
  const blob = await new Promise<Blob | null>((resolve) => picture.toBlob(resolve, 'image/png'));
  if (blob) saveFile(blob, `${name}.png`);
}
