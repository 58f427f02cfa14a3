// Writes down which tests that are named after a clause of the policy passed: nextest's report and, when they ran, node's. The file is what
// `moloko policy check --evidence` reads. Owns the translation only; must not judge.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';

const [out, ...reports] = process.argv.slice(2);
const entities = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'", '&amp;': '&' };
const plain = (text) => text.replace(/&(lt|gt|quot|apos|amp);/g, (entity) => entities[entity]);

const tests = [];
let at = 0;
for (const report of reports.filter(existsSync)) {
  at = Math.max(at, statSync(report).mtimeMs);
  const xml = readFileSync(report, 'utf8');
  for (const [, attributes, closed, body] of xml.matchAll(/<testcase\b([^>]*?)(?:(\/)>|>([\s\S]*?)<\/testcase>)/g)) {
    const name = plain(/\bname="([^"]*)"/.exec(attributes)?.[1] ?? '');
    // One test may show more than one clause; each is named.
    for (const clause of name.match(/pp_\d+_\d+/g) ?? []) {
      const passed = Boolean(closed) || !/<(failure|error|skipped)\b/.test(body ?? '');
      tests.push({ name: `${clause}_${name.split('::').at(-1)}`, passed });
    }
  }
}
if (tests.length === 0) {
  console.error(`promises: no test named after a clause in ${reports.join(', ')}`);
  process.exit(1);
}
writeFileSync(out, JSON.stringify({ at: new Date(at).toISOString(), tests }));
console.log(`promises: ${tests.length} tests named after clauses`);
