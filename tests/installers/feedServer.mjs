// The server of newer versions, on this computer: files of a folder, what was asked, and one file that is not what it
// says.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';
import { Transform } from 'node:stream';

/** Changes one byte in the middle of a stream, as somebody on the way would. @param {number} at */
function withOneByteChanged(at) {
  let seen = 0;
  return new Transform({
    transform(/** @type {Buffer} */ chunk, _encoding, done) {
      const changed = Buffer.from(chunk);
      const place = at - seen;
      seen += chunk.length;
      if (place >= 0 && place < changed.length) changed.writeUInt8(changed.readUInt8(place) ^ 1, place);
      done(null, changed);
    },
  });
}

/**
 * @param {string} folder
 * @param {number} port
 */
export async function startFeedServer(folder, port) {
  /** @type {string[]} */
  const asked = [];
  let tampers = false;
  const server = createServer((request, response) => {
    const name = basename(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
    asked.push(name);
    const file = join(folder, name);
    if (!existsSync(file) || !statSync(file).isFile()) return void response.writeHead(404).end();
    const { size } = statSync(file);
    response.writeHead(200, { 'Content-Length': size });
    const content = createReadStream(file);
    if (tampers && name.endsWith('.deb')) content.pipe(withOneByteChanged(Math.floor(size / 2))).pipe(response);
    else content.pipe(response);
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(undefined)));
  return {
    asked,
    /** @param {boolean} on */
    tamper: (on) => void (tampers = on),
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
