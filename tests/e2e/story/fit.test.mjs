// A video that TikTok would refuse, as a person meets it: told why, made to fit in the sandbox while the page shows how far it is, then
// scheduled and published. And the same without a script.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { look, open, watched } from '../lib/browser.mjs';
import { begin, choosePrivacy, drop, fields, signIn } from '../lib/person.mjs';
import { demo, folder } from '../lib/programs.mjs';
import { Simulator } from '../lib/simulator.mjs';

const ZONE = 'Europe/Berlin';
let program, browser, simulator, place;

/** A film of a camera from ten years ago: H.265 at 15 frames a second, too small, and it says where it was made. */
function film(name, repeated = 0) {
  const once = join(place, `once-${name}`);
  const quiet = ['-v', 'error', '-y'];
  execFileSync('ffmpeg', [...quiet, '-f', 'lavfi', '-i', 'testsrc2=size=320x568:rate=15:duration=4', '-f', 'lavfi', '-i', 'sine=duration=4',
    '-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none', '-tag:v', 'hvc1', '-pix_fmt', 'yuv420p', '-c:a', 'aac', once]);
  const path = join(place, name);
  // Long without the time to draw it.
  execFileSync('ffmpeg', [...quiet, '-stream_loop', String(repeated), '-i', once, '-c', 'copy', '-tag:v', 'hvc1', '-metadata', 'location=+55.7500+037.6100/', path]);
  return path;
}

before(async () => {
  place = folder('films');
  program = await demo();
  simulator = new Simulator(program.facts.simulator);
  browser = await open();
});

after(async () => {
  await browser?.close();
  if (program) assert.deepEqual(await program.stop(), { code: 0, signal: null }, 'the demo ends politely');
});

test('a film that does not fit is made to fit, scheduled and published', { timeout: 300_000 }, async () => {
  const { url } = program.facts;
  const { page, complaints } = await watched(browser, [url, program.facts.simulator], { timezoneId: ZONE });
  await signIn(page, url);
  await page.goto(`${url}/compose`);
  await drop(page, film('old-film.mp4', 90));
  await page.getByRole('checkbox', { name: /old-film\.mp4/ }).waitFor();
  await page.getByRole('button', { name: 'Make it fit' }).waitFor();
  await look(page, 'fit-composer');

  // The library says why, and does it.
  await page.goto(`${url}/library`);
  const card = page.locator('section.card', { has: page.getByRole('heading', { name: 'old-film.mp4', exact: true }) });
  await card.getByText(/Does not fit/).waitFor();
  await card.getByText(/frame rate is 1[45]/).waitFor();
  await card.getByText(/has 320×568 pixels/).waitFor();
  await look(page, 'fit-library-unfit');
  await card.getByRole('button', { name: 'Make it fit' }).click();
  await page.waitForURL('**/library');
  await page.evaluate(() => { window.sameDocument = true; });
  await card.getByRole('status').getByText(/about \d+:\d\d left/).waitFor({ timeout: 60_000 });
  await look(page, 'fit-library-working');
  await card.getByRole('button', { name: 'Stop' }).click();
  await page.getByText('Stopped.').first().waitFor();
  await card.getByRole('button', { name: 'Make it fit' }).waitFor();

  // A part of it is enough, and this time it is waited for.
  await card.getByText('Only a part of it').click();
  await card.getByLabel('From').fill('0:01');
  await card.getByLabel('Until').fill('0:04');
  await card.getByRole('button', { name: 'Make it fit' }).click();
  await page.waitForURL('**/library');
  await card.getByText('It fits now, as a new file.').waitFor({ timeout: 60_000 });
  await look(page, 'fit-library-ready');
  await card.getByRole('link', { name: 'Use it in a post' }).click();
  await page.waitForURL('**/compose?media=*');
  assert.equal(await page.getByRole('checkbox', { name: /old-film \(TikTok\)\.mp4/ }).isChecked(), true, 'the new file is picked');
  await begin(page, 'old-film (TikTok).mp4'.replace(/[()]/g, '\\$&'), 'Moloko Demo');
  await page.getByLabel('Caption').fill('Ten years ago');
  await choosePrivacy(page, 'Everyone');
  const dueMs = Math.ceil((await simulator.now() + 60_000) / 60_000) * 60_000;
  const { date, time } = fields(dueMs, ZONE);
  await page.getByLabel('Date').fill(date);
  await page.getByLabel('Time', { exact: true }).fill(time);
  await page.getByRole('button', { name: 'Schedule', exact: true }).click();
  await page.waitForURL('**/queue');
  await simulator.advance(dueMs - await simulator.now() - 500);
  const pace = simulator.hurry();
  const [post] = await simulator.until('the post', async () => {
    const posts = await simulator.posts();
    return posts.length > 0 && posts;
  });
  await page.getByText('Published', { exact: true }).first().waitFor({ timeout: 60_000 });
  pace.stop();
  assert.equal(post.caption, 'Ten years ago');
  assert.deepEqual(complaints, []);
});

test('without a script the same buttons work, and a form looks again', { timeout: 120_000 }, async () => {
  const { url } = program.facts;
  const context = await browser.newContext({ javaScriptEnabled: false, locale: 'en-GB', timezoneId: ZONE });
  try {
    const page = await context.newPage();
    await signIn(page, url);
    await page.goto(`${url}/compose`);
    await page.getByLabel('Drop videos or photos here, or choose them').setInputFiles(film('short.mp4'));
    await page.getByRole('button', { name: 'Upload', exact: true }).click();
    await page.getByRole('button', { name: 'Make it fit' }).first().click();
    await page.waitForURL('**/compose');
    await page.goto(`${url}/library`);
    const card = page.locator('section.card', { has: page.getByRole('heading', { name: 'short.mp4', exact: true }) });
    for (let looks = 0; looks < 300 && !await card.getByText('It fits now, as a new file.').isVisible(); looks += 1) {
      await card.getByRole('button', { name: 'Look again' }).click({ timeout: 5_000 }).catch(() => page.goto(`${url}/library`));
    }
    assert.equal(await card.getByText('It fits now, as a new file.').isVisible(), true);
    await page.getByRole('heading', { name: 'short (TikTok).mp4', exact: true }).waitFor();
  } finally {
    await context.close();
  }
});
