// The main job as a newcomer does it: from the landing page to a video that plays in the simulated TikTok. Everything the
// browser complains about on the way is a failure: violations, console errors, foreign requests, barriers, sideways scrolling.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { look, open, watched } from '../lib/browser.mjs';
import { begin, choosePrivacy, drop, fields, signIn } from '../lib/person.mjs';
import { demo, folder } from '../lib/programs.mjs';
import { Simulator } from '../lib/simulator.mjs';
import { mp4 } from '../lib/video.mjs';

const ZONE = 'Europe/Berlin';

/** One step of a story; nothing after a failed one is tried. */
async function step(t, name, walk) {
  let failure;
  await t.test(name, async () => {
    try { await walk(); } catch (error) { failure = error; throw error; }
  });
  if (failure) throw new Error(`the story stopped at: ${name}\n${program.errors}\n${JSON.stringify(await simulator.tasks())}`);
}

let program, browser, simulator, video;

before(async () => {
  video = mp4(folder('video'), 'first-clip.mp4', 3);
  program = await demo();
  simulator = new Simulator(program.facts.simulator);
  browser = await open();
});

after(async () => {
  await browser?.close();
  if (program) {
    const end = await program.stop();
    assert.deepEqual(end, { code: 0, signal: null }, 'the demo ends politely');
  }
});

test('a newcomer connects, drops a video, schedules it and watches it go out', { timeout: 300_000 }, async (t) => {
  const { url } = program.facts;
  const { page, complaints } = await watched(browser, [url, program.facts.simulator], { timezoneId: ZONE });

  await step(t, 'landing, age box, consent', async () => {
    await signIn(page, url, {
      onLanding: async () => {
        await page.getByRole('link', { name: 'Privacy Policy' }).first().waitFor();
        await page.getByRole('link', { name: 'Terms of Service' }).first().waitFor();
        assert.deepEqual(await page.context().cookies(), [], 'a public page sets no cookie');
        await look(page, 'landing');
      },
      onConnect: async () => {
        assert.equal(await page.getByLabel('I am 18 or older').isChecked(), false, 'the age box starts empty');
        await look(page, 'connect');
      },
      onConsent: () => look(page, 'simulator-consent'),
    });
    await look(page, 'queue-empty');
  });

  await step(t, 'dropping an MP4 uploads it at once', async () => {
    await page.goto(`${url}/compose`);
    await look(page, 'compose-start');
    await drop(page, video);
    await page.getByRole('checkbox', { name: /first-clip\.mp4/ }).waitFor();
  });

  let dueMs;
  await step(t, 'the post page offers nothing by default and takes one choice after the other', async () => {
    await begin(page, 'first-clip.mp4', 'Moloko Demo');
    await look(page, 'compose-untouched');
    assert.equal(await page.locator('input[name=privacy]:checked').count(), 0, 'nobody is chosen to watch');
    for (const name of ['Comment', 'Duet']) assert.equal(await page.getByLabel(name, { exact: true }).isChecked(), false, `${name} starts empty`);
    await page.getByLabel('Caption').fill('First light over the milk bar 🥛 #moloko');
    await choosePrivacy(page, 'Everyone');
    await page.getByLabel('Comment', { exact: true }).check();
    const now = await simulator.now();
    dueMs = Math.ceil((now + 60_000) / 60_000) * 60_000;
    const { date, time } = fields(dueMs, ZONE);
    await page.getByLabel('Date').fill(date);
    await page.getByLabel('Time', { exact: true }).fill(time);
    await look(page, 'compose-ready');
    await page.getByRole('button', { name: 'Schedule', exact: true }).click();
    await page.waitForURL('**/queue');
    await page.getByText(/First light over the milk bar/).first().waitFor();
    await look(page, 'queue-scheduled');
  });

  await step(t, 'it goes out on time, and the open page shows it without a reload', async () => {
    assert.equal((await simulator.posts()).length, 0, 'nothing before its time');
    await page.evaluate(() => { window.sameDocument = true; });
    await simulator.advance(dueMs - await simulator.now() - 500);
    const pace = simulator.hurry();
    const [post] = await simulator.until('the post', async () => {
      const posts = await simulator.posts();
      return posts.length > 0 && posts;
    });
    assert.ok(post.created_at_ms >= dueMs, 'never early');
    await page.getByText('Published', { exact: true }).first().waitFor({ timeout: 60_000 });
    pace.stop();
    assert.equal(await page.evaluate(() => window.sameDocument), true, 'no reload');
    assert.equal(post.caption, 'First light over the milk bar 🥛 #moloko');
    assert.equal(post.privacy_level, 'PUBLIC_TO_EVERYONE');
    assert.equal(post.comment_disabled, false);
    assert.equal(post.duet_disabled, true, 'what was not ticked is off');
    assert.equal(post.sha256, createHash('sha256').update(readFileSync(video)).digest('hex'), 'every byte arrived');
    await look(page, 'queue-published');
  });

  await step(t, 'pp_2_4 history tells every step', async () => {
    await page.goto(`${url}/history`);
    await look(page, 'history');
    await page.getByRole('link', { name: /First light over the milk bar/ }).first().click();
    for (const step of ['Scheduled, consent given', 'Publishing begun', 'TikTok gave the upload address', 'TikTok says: published', 'Out']) {
      await page.getByText(step, { exact: true }).first().waitFor();
    }
    await look(page, 'post');
  });

  await step(t, 'the account shows its picture, from this server', async () => {
    await page.goto(`${url}/connections`);
    const pictures = await page.locator('main .cap img').evaluateAll((all) =>
      Promise.all(all.map(async (img) => (await img.decode(), { width: img.naturalWidth, origin: new URL(img.src).origin }))));
    assert.deepEqual(pictures, [{ width: 168, origin: url }, { width: 168, origin: url }]);
  });

  await step(t, 'pp_1_4 pp_4_0 the other pages are in order', async () => {
    for (const name of ['library', 'connections', 'settings', 'privacy', 'terms']) {
      await page.goto(`${url}/${name}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await look(page, name);
    }
    // The page itself is a 404, which the browser reports; nothing else may be.
    const before = complaints.length;
    await page.goto(`${url}/no-such-page`);
    await look(page, 'not-found');
    assert.ok(complaints.splice(before).every((text) => text.includes('404')));
  });

  await step(t, 'the simulated TikTok plays the received video', async () => {
    await page.goto(`${program.facts.simulator}/console`);
    const player = page.locator('video').first();
    await player.scrollIntoViewIfNeeded();
    const played = await player.evaluate(async (element) => {
      element.muted = true;
      await element.play();
      await new Promise((done) => { element.ontimeupdate = () => element.currentTime > 0.2 && done(); });
      return { seconds: element.duration, width: element.videoWidth };
    });
    assert.ok(Math.abs(played.seconds - 3) < 0.3 && played.width === 540, JSON.stringify(played));
    await look(page, 'simulator-console');
  });

  assert.deepEqual(complaints, [], 'the browser had nothing to complain about');
  assert.deepEqual(await simulator.duplicates(), []);
  assert.deepEqual((await simulator.flags()), [], 'the simulator saw no breach of TikTok\'s rules');
  assert.doesNotMatch(program.errors, /panicked|ERROR/);
});
