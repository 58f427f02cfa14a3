// Videos for the tests, made when needed and never kept in the repository.
import { execFileSync } from 'node:child_process';
import { appendFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A real H.264/AAC MP4: `seconds` long, 540 by 960, with a moving picture and a tone. */
export function mp4(folder, name, seconds = 3) {
  const path = join(folder, name);
  execFileSync('ffmpeg', ['-v', 'error', '-y',
    '-f', 'lavfi', '-i', `testsrc2=size=540x960:rate=30:duration=${seconds}`,
    '-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`,
    '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-movflags', '+faststart', path]);
  return path;
}

/** Makes a file exactly `sizeBytes` large by appending a box that every reader skips; it stays a valid MP4. */
export function grow(path, sizeBytes) {
  const missing = sizeBytes - statSync(path).size;
  if (missing < 8) throw new Error(`cannot grow ${path} to ${sizeBytes} bytes`);
  const header = Buffer.alloc(8);
  header.writeUInt32BE(missing, 0);
  header.write('free', 4, 'ascii');
  appendFileSync(path, header);
  // Not zeros: pieces that are equal could be mixed up without anybody seeing it.
  let state = 2463534242;
  for (let left = missing - 8; left > 0;) {
    const block = Buffer.alloc(Math.min(left, 1 << 20));
    for (let i = 0; i + 4 <= block.length; i += 4) {
      state ^= state << 13; state ^= state >>> 17; state ^= state << 5;
      block.writeInt32LE(state | 0, i);
    }
    appendFileSync(path, block);
    left -= block.length;
  }
  return path;
}
