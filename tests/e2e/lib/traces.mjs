// Where texts are in what an instance keeps, as `moloko privacy scan` finds them: raw bytes, packed files unpacked, every usual encoding. Owns the call of
// the command; knows nothing of what was planted.
import { Program } from './programs.mjs';

/** Every trace of these texts below a folder, as an operator would look for them. */
export async function traces(pair, place, texts) {
  const program = new Program(['privacy', 'scan', '--json', '--data', place, ...texts.flatMap((text) => ['--text', text])], pair.settings);
  const { code } = await program.ended;
  const lines = program.output.trim().split('\n').map((line) => JSON.parse(line));
  const sum = lines.pop();
  if (![0, 1].includes(code) || sum?.unread !== 0) throw new Error(`moloko privacy scan: ${code} ${program.output}${program.errors}`);
  if (sum.traces !== lines.length || (code === 0) !== (lines.length === 0)) throw new Error(`the sum is another one: ${program.output}`);
  return lines.map((line) => `${line.class}: ${line.place} (${line.form})`);
}
