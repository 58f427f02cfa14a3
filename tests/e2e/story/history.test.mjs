// A draft that remembers: the sign that it is saved, what it was like before, the way back and forward, and two windows on one draft.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { look, open, watched } from '../lib/browser.mjs';
import { begin, signIn, upload } from '../lib/person.mjs';
import { demo, folder } from '../lib/programs.mjs';
import { mp4 } from '../lib/video.mjs';

let program, browser, film;

before(async () => {
  film = mp4(folder('history'), 'bread.mp4', 2);
  program = await demo();
  browser = await open();
});

after(async () => {
  await browser?.close();
  if (program) assert.deepEqual(await program.stop(), { code: 0, signal: null }, 'the demo ends politely');
});

test('a deleted sentence comes back, and a second window is told', { timeout: 240_000 }, async () => {
  const { url } = program.facts;
  const { page, context, complaints } = await watched(browser, [url, program.facts.simulator]);
  await signIn(page, url);
  await upload(page, url, film);
  await begin(page, 'bread.mp4', 'Moloko Demo');
  const caption = page.getByLabel('Caption');
  const saved = () => page.waitForResponse((answer) => answer.request().method() === 'PUT' && answer.url().endsWith('/draft') && answer.ok());
  assert.equal(await page.locator('[data-saved]').isVisible(), false, 'nothing is saved yet');
  let done = saved();
  await caption.fill('Rye bread from the stone oven, sixty hours of sourdough');
  await done;
  await page.locator('[data-saved]').getByText(/^\d\d:\d\d$/).waitFor();
  done = saved();
  await caption.fill('Rye');
  await done;
  await page.reload();
  await page.getByText('Earlier states (1)').click();
  await page.getByText('Rye bread from the stone oven').waitFor();
  await look(page, 'history-list');

  // What is typed a moment before the way back is not lost either.
  await caption.fill('Rye, and the last words');
  await page.getByRole('button', { name: 'Go back to this' }).first().click();
  await page.getByText('The draft is as it was.').waitFor();
  assert.equal(await caption.inputValue(), 'Rye bread from the stone oven, sixty hours of sourdough');
  await look(page, 'history-restored');
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.waitForFunction(() => document.querySelector('#caption')?.value === 'Rye, and the last words');

  // Enter in a field saves; it goes back to nothing.
  const other = await context.newPage();
  await other.goto(page.url());
  done = saved();
  await caption.fill('Written in the first window');
  await done;
  await other.getByLabel('Caption').fill('Written in the second window');
  await other.getByText('This post was changed in another tab.').waitFor();
  assert.equal(await other.getByLabel('Caption').inputValue(), 'Written in the second window', 'nothing typed is taken away');
  await look(other, 'history-conflict');
  await other.getByRole('link', { name: 'Load the latest' }).click();
  await other.waitForFunction(() => document.querySelector('#caption')?.value === 'Written in the first window');
  // Away by the menu a moment after the last letter: nothing is lost.
  const here = page.url();
  for (const words of ['Typed and gone at once', 'and once more']) {
    await page.goto(here);
    await caption.fill(words);
    await page.getByRole('link', { name: 'Calendar' }).first().click();
    await page.waitForURL('**/calendar**');
    await page.goto(here);
    assert.equal(await caption.inputValue(), words);
  }
  // A refused save leaves a line in the console of the browser; nothing else may.
  assert.deepEqual(complaints.filter((line) => !/409/.test(line)), []);
});
