/** Pictures of windows need few colours: written with a palette of 256 they take a third of the space. */
import { crc32, deflateSync, inflateSync } from 'node:zlib';

/** An opaque picture of 8 bits a channel, as browsers make screenshots; colours as 0xRRGGBB, row by row. */
interface Picture {
  readonly width: number;
  readonly height: number;
  readonly colours: Uint32Array;
}

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const paletteSize = 256;

/** The picture again, each colour replaced by the nearest of 256 chosen ones. */
export function smallPng(png: Buffer): Buffer {
  const picture = decode(png);
  const palette = choosePalette(picture.colours);
  return encode(picture, palette);
}

/** PNG specification (W3C, third edition), sections 5.3 (chunks) and 9 (filters). */
function decode(png: Buffer): Picture {
  const data: Buffer[] = [];
  let [width, height, channels] = [0, 0, 4];
  for (let at = signature.length; at < png.length;) {
    const length = png.readUInt32BE(at);
    const name = png.toString('latin1', at + 4, at + 8);
    const body = png.subarray(at + 8, at + 8 + length);
    if (name === 'IHDR') {
      [width, height] = [body.readUInt32BE(0), body.readUInt32BE(4)];
      const colourType = body[9];
      if (body[8] !== 8 || (colourType !== 2 && colourType !== 6)) throw new Error('Not a true-colour PNG of 8 bits.');
      channels = colourType === 6 ? 4 : 3;
    } else if (name === 'IDAT') data.push(body);
    at += 12 + length;
  }
  const bytes = unfiltered(inflateSync(Buffer.concat(data)), width * channels, height, channels);
  const colours = new Uint32Array(width * height);
  for (let i = 0; i < colours.length; i++) colours[i] = bytes.readUIntBE(i * channels, 3);
  return { width, height, colours };
}

function unfiltered(filtered: Buffer, rowBytes: number, height: number, pixelBytes: number): Buffer {
  const bytes = Buffer.alloc(rowBytes * height);
  for (let y = 0; y < height; y++) {
    const filter = filtered[y * (rowBytes + 1)] ?? 0;
    for (let x = 0; x < rowBytes; x++) {
      const at = y * rowBytes + x;
      const left = x >= pixelBytes ? (bytes[at - pixelBytes] ?? 0) : 0;
      const up = y > 0 ? (bytes[at - rowBytes] ?? 0) : 0;
      const corner = x >= pixelBytes && y > 0 ? (bytes[at - rowBytes - pixelBytes] ?? 0) : 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] ?? 0;
      bytes[at] = (filtered[y * (rowBytes + 1) + 1 + x] ?? 0) + guess;
    }
  }
  return bytes;
}

function paeth(left: number, up: number, corner: number): number {
  const byLeft = Math.abs(up - corner);
  const byUp = Math.abs(left - corner);
  const byCorner = Math.abs(left + up - 2 * corner);
  if (byLeft <= byUp && byLeft <= byCorner) return left;
  return byUp <= byCorner ? up : corner;
}

function distance(a: number, b: number): number {
  const red = (a >> 16) - (b >> 16);
  const green = ((a >> 8) & 255) - ((b >> 8) & 255);
  const blue = (a & 255) - (b & 255);
  return red * red + green * green + blue * blue;
}

/** Takes, again and again, the colour whose pixels are worst served by those taken; then points every colour to its nearest. */
function choosePalette(colours: Uint32Array): { readonly entries: number[]; readonly indexOf: Map<number, number> } {
  const counts = new Map<number, number>();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const all = [...counts].map(([colour, count]) => ({ colour, count, error: Infinity, index: 0 }));
  const entries: number[] = [];
  while (entries.length < Math.min(paletteSize, all.length)) {
    const worst = all.reduce((most, one) => (one.count * one.error > most.count * most.error ? one : most));
    for (const one of all) {
      const error = distance(one.colour, worst.colour);
      if (error >= one.error) continue;
      one.error = error;
      one.index = entries.length;
    }
    entries.push(worst.colour);
  }
  return { entries, indexOf: new Map(all.map(({ colour, index }) => [colour, index])) };
}

function chunk(name: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), body]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}

function encode({ width, height, colours }: Picture, palette: ReturnType<typeof choosePalette>): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const entries = Buffer.alloc(palette.entries.length * 3);
  palette.entries.forEach((colour, i) => entries.writeUIntBE(colour, i * 3, 3));
  const rows = Buffer.alloc((width + 1) * height);
  colours.forEach((colour, i) => {
    rows[Math.floor(i / width) * (width + 1) + 1 + (i % width)] = palette.indexOf.get(colour) ?? 0;
  });
  const data = deflateSync(rows, { level: 9, memLevel: 9 });
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('PLTE', entries),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
