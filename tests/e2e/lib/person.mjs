// What a person does on the pages, by the words they read: sign in, upload, compose. Owns the walk; what must come of it is
// said by the tests.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** "Continue with TikTok" on the landing page, the age box, and the simulated consent page. Ends on a page of the service. */
export async function signIn(page, url, { who = 'Moloko Demo', onLanding, onConnect, onConsent } = {}) {
  await page.goto(url);
  await onLanding?.();
  await page.getByRole('link', { name: 'Continue with TikTok' }).first().click();
  await page.getByRole('heading', { name: 'Connect your TikTok account' }).waitFor();
  await onConnect?.();
  await page.getByLabel('I am 18 or older').check();
  await page.getByRole('button', { name: 'Continue with TikTok' }).click();
  await page.getByRole('button', { name: 'Allow' }).waitFor();
  await onConsent?.();
  await page.getByRole('radio', { name: new RegExp(who) }).check();
  await page.getByRole('button', { name: 'Allow' }).click();
  await page.waitForURL((address) => address.origin === new URL(url).origin && address.pathname === '/queue');
}

/** Drops one file, or several at once, onto the page as from the desktop. */
export async function drop(page, paths, type = 'video/mp4') {
  const files = [paths].flat().map((path) => [basename(path), readFileSync(path).toString('base64')]);
  const transfer = await page.evaluateHandle(([kind, dropped]) => {
    const data = new DataTransfer();
    for (const [name, content] of dropped) {
      const raw = Uint8Array.from(atob(content), (char) => char.charCodeAt(0));
      data.items.add(new File([raw], name, { type: kind }));
    }
    return data;
  }, [type, files]);
  await page.locator('[data-uploads]').dispatchEvent('drop', { dataTransfer: transfer });
}

/** Puts a file into the upload field and waits until it is in the list of uploaded files. */
export async function upload(page, url, path) {
  await page.goto(`${url}/compose`);
  await page.getByLabel('Drop videos or photos here, or choose them').setInputFiles(path);
  await page.getByRole('checkbox', { name: new RegExp(basename(path).replaceAll('.', '\\.')) }).first().waitFor({ timeout: 60_000 });
}

/** Picks an uploaded file and one account and goes on to the post page. */
export async function begin(page, file, account) {
  await page.getByRole('checkbox', { name: new RegExp(file.replaceAll('.', '\\.')) }).first().check();
  await page.getByRole('checkbox', { name: new RegExp(account) }).check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Caption').waitFor();
}

/** Unfolds the list of those who can watch and picks one. */
export async function choosePrivacy(page, who) {
  await page.getByText('Choose who can watch', { exact: true }).click();
  await page.getByText(who, { exact: true }).locator('visible=true').last().click();
}

/** Date and time fields for an instant, in the zone of the browser. */
export function fields(atMs, zone) {
  const parts = Object.fromEntries(new Intl.DateTimeFormat('en-GB', {
    timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
  }).formatToParts(atMs).map((part) => [part.type, part.value]));
  return { date: `${parts.year}-${parts.month}-${parts.day}`, time: `${parts.hour}:${parts.minute}` };
}
