import type { SweepEvent } from '../contract/sweeps.ts';
import { largestPackage, type Dashboard } from './dashboard.ts';
import { runFileJob } from './fileJob.ts';
import { ensurePackage, type PackageFiles } from './packages.ts';
import { pieceBytes, readPiece, type PlannedUploads, type UploadPiece } from './uploads.ts';

/** Packages that one job puts into the storage; the dashboard keeps them in memory until then. */
const packagesAtOnce = 3;
const piecesOfPackage = Math.floor(largestPackage / pieceBytes);

/**
 * Brings the pieces that the storage does not have yet.
 * @param look milliseconds between two looks at a small job
 * @returns bytes that were sent, and those that were there already
 * @throws AppError as {@link runFileJob}; DATA_INVALID when a file changes meanwhile
 */
export async function sendUploads(
  dashboard: Dashboard,
  bundle: string,
  storage: string,
  { pieces, bytes }: PlannedUploads,
  emit: (event: SweepEvent) => void,
  signal: AbortSignal,
  look?: number,
): Promise<{ readonly sentBytes: number; readonly knownBytes: number }> {
  if (pieces.length === 0) return { sentBytes: 0, knownBytes: 0 };
  emit({ event: 'phase', phase: 'uploading', fraction: 0 });
  const names = pieces.map(({ sha256 }) => sha256);
  const { answer } = await runFileJob(dashboard, bundle, { action: 'have', storage, names, look }, signal);
  const have = new Set(answer.have ?? []);
  const missing = pieces.filter(({ sha256 }) => !have.has(sha256));
  const total = missing.reduce((sum, piece) => sum + piece.bytes, 0);
  let sentBytes = 0;
  for (const batch of inGroups(inGroups(missing, piecesOfPackage), packagesAtOnce)) {
    const packages: string[] = [];
    for (const group of batch) {
      packages.push((await ensurePackage(dashboard, await packageOf(group), false)).address);
      sentBytes += group.reduce((sum, piece) => sum + piece.bytes, 0);
      emit({ event: 'phase', phase: 'uploading', fraction: sentBytes / total });
    }
    const taken = batch.flat().map(({ sha256 }) => sha256);
    await runFileJob(dashboard, bundle, { action: 'take', storage, names: taken, pieces: packages, look }, signal);
  }
  return { sentBytes, knownBytes: bytes - total };
}

async function packageOf(pieces: readonly UploadPiece[]): Promise<PackageFiles> {
  const files: Record<string, Uint8Array> = {};
  for (const piece of pieces) files[`pieces/${piece.sha256}`] = await readPiece(piece);
  return files;
}

function inGroups<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
