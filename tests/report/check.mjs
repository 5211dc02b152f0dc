// Opens a page in headless Chromium and fails on anything a reader would stumble over: an error on the console, a request, an image
// that does not load, or a page wider than the screen, on a phone and on a desk, in light and dark. Screenshots go to FOLDER.
//
// node check.mjs PAGE FOLDER; `cargo xtask report-check` installs what it needs and runs it.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import packaged from '@sparticuz/chromium';
import puppeteer from 'puppeteer-core';

const [page, folder] = process.argv.slice(2);
if (!page || !folder) {
  console.error('usage: node check.mjs PAGE FOLDER');
  process.exit(2);
}
const url = pathToFileURL(resolve(page)).href;
// A Chromium of the machine, or the package's.
const given = process.env.TANDEM_CHROMIUM;
if (given && !existsSync(given)) {
  console.error(`TANDEM_CHROMIUM is ${given}, which is not a file; unset it or set it to a chromium`);
  process.exit(2);
}
const browser = await puppeteer.launch({
  executablePath: given || (await packaged.executablePath()),
  args: given ? ['--no-sandbox'] : packaged.args,
  headless: 'shell',
});
const wrong = [];
try {
  for (const scheme of ['light', 'dark']) {
    for (const [name, width, height] of [['phone', 375, 812], ['desk', 1280, 900]]) {
      const place = `${name}, ${scheme}`;
      const tab = await browser.newPage();
      tab.on('console', (m) => ['error', 'warn', 'warning'].includes(m.type()) && wrong.push(`${place}: console: ${m.text()}`));
      tab.on('pageerror', (e) => wrong.push(`${place}: ${e.message}`));
      tab.on('request', (r) => r.url() !== url && !r.url().startsWith('data:') && wrong.push(`${place}: asks for ${r.url()}`));
      await tab.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      await tab.setViewport({ width, height, deviceScaleFactor: name === 'phone' ? 2 : 1, isMobile: name === 'phone' });
      await tab.goto(url, { waitUntil: 'load' });
      const found = await tab.evaluate((width) => {
        const wide = document.documentElement.scrollWidth;
        // What scrolls within itself may be wider than the screen.
        const inside = (e) => e.closest('.wide') !== null;
        const over = [...document.querySelectorAll('body *')].filter((e) => !inside(e) && !e.closest('svg') && e.getBoundingClientRect().right > width + 1);
        const images = [...document.images];
        const style = getComputedStyle(document.body);
        return {
          wide,
          over: over.slice(0, 3).map((e) => `${e.tagName} ${e.className}: ${e.textContent.trim().slice(0, 40)}`),
          images: images.length,
          broken: images.filter((i) => !i.complete || i.naturalWidth === 0).length,
          drawings: document.querySelectorAll('svg').length,
          text: document.body.innerText.length,
          background: style.backgroundColor,
        };
      }, width);
      if (found.wide > width || found.over.length > 0) wrong.push(`${place}: ${found.wide} wide: ${found.over.join('; ')}`);
      if (found.broken > 0) wrong.push(`${place}: ${found.broken} of ${found.images} images do not load`);
      if (found.drawings === 0 || found.text < 500) wrong.push(`${place}: an empty page`);
      const sum = found.background.match(/\d+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0);
      if (sum > 384 !== (scheme === 'light')) wrong.push(`${place}: background ${found.background}`);
      const file = join(folder, `${name}-${scheme}.png`);
      await tab.screenshot({ path: file, fullPage: true });
      console.log(`${place}: ${found.drawings} drawings, ${found.images} images, ${found.wide} px wide, ${file}`);
      await tab.close();
    }
  }
  console.log(await browser.version());
} finally {
  await browser.close();
}
for (const w of wrong) console.error(w);
process.exit(wrong.length > 0 ? 1 : 0);
