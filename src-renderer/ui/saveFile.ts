/** Hands a file to the person through the window's own save dialog. */
export function saveFile(blob: Blob, fileName: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = fileName;
  link.click();
  // The download has its own reference once started; a short wait covers the start.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
