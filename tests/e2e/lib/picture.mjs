// Pictures for the tests, made when needed and never kept in the repository.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** A real JPEG of this size; each size is another picture. */
export function jpeg(folder, name, width, height) {
  const path = join(folder, name);
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', `testsrc2=size=${width}x${height},noise=alls=40:allf=u`, '-frames:v', '1', '-q:v', '2', path]);
  return path;
}
