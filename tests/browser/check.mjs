// Opens pages in Chromium and looks at what a reader meets: `node check.mjs CHROMIUM PAGE...`.
// Prints what is wrong, one line each, and exits with 1 if there is anything.
import { chromium } from 'playwright-core';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [, , program, ...pages] = process.argv;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const wrong = [];
let looked = 0;

function ask(holds, what) {
  looked += 1;
  if (!holds) { wrong.push(what); }
}

// A page in its own window: nothing may be asked of the network, said on the console, or thrown.
async function open(browser, file, name, options) {
  const context = await browser.newContext({ ...options, acceptDownloads: false });
  const page = await context.newPage();
  const here = pathToFileURL(file).href;
  page.on('console', message => {
    if (['error', 'warning'].includes(message.type())) { wrong.push(`${name}: console: ${message.text()}`); }
  });
  page.on('pageerror', error => wrong.push(`${name}: thrown: ${error.message}`));
  page.on('dialog', dialog => { wrong.push(`${name}: a dialog opened: ${dialog.message()}`); dialog.dismiss(); });
  page.on('request', request => {
    const url = request.url();
    if (url.split('#')[0] !== here && !url.startsWith('data:')) { wrong.push(`${name}: a request left the file: ${url}`); }
  });
  await page.goto(here, { waitUntil: 'load' });
  return { context, page };
}

// Charts: one drawing of each is seen, and has a size, within the window.
async function charts(page, name) {
  const seen = await page.evaluate(() => Array.from(document.querySelectorAll('figure')).map(figure => {
    const shown = Array.from(figure.querySelectorAll('svg[role=img]')).map(svg => svg.getBoundingClientRect())
      .filter(box => box.width > 0 && box.height > 0);
    return { id: figure.id, shown: shown.map(box => [box.width, box.height, box.left, box.right]) };
  }));
  ask(seen.length >= 3, `${name}: only ${seen.length} charts`);
  const width = page.viewportSize().width;
  for (const { id, shown } of seen) {
    ask(shown.length === 1, `${name}: ${id} is shown ${shown.length} times`);
    for (const [w, h, left, right] of shown) {
      ask(w > 200 && h > 120, `${name}: ${id} is ${w} x ${h} px`);
      ask(left >= 0 && right <= width + 1, `${name}: ${id} reaches from ${left} to ${right} of ${width} px`);
    }
  }
  const bars = await page.evaluate(() => Array.from(document.querySelectorAll('svg.bar'))
    .filter(bar => bar.closest('details:not([open])') === null)
    .filter(bar => bar.getBoundingClientRect().width < 20).length);
  ask(bars === 0, `${name}: ${bars} bars without a width`);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  ask(over <= 1, `${name}: the page is ${over} px wider than the window`);
}

// Contrast, names, landmarks and the rest, with everything unfolded; in the dark contrast alone.
async function accessible(page, name, dark) {
  await page.evaluate(() => document.querySelectorAll('details').forEach(one => { one.open = true; }));
  await page.evaluate(axe);
  const found = await page.evaluate(runOnly => window.axe.run(document, { runOnly }),
    dark ? { type: 'rule', values: ['color-contrast'] } : ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']);
  ask(dark || found.passes.length > 20, `${name}: only ${found.passes.length} rules applied`);
  ask(found.passes.some(rule => rule.id === 'color-contrast'), `${name}: contrast was not judged`);
  for (const rule of found.violations) {
    const where = rule.nodes.slice(0, 3).map(node => node.target.join(' ')).join(' | ');
    wrong.push(`${name}: ${rule.id}: ${rule.help} (${rule.nodes.length}: ${where})`);
  }
  await page.evaluate(() => document.querySelectorAll('details').forEach(one => { one.open = false; }));
}

// Text of the scenario stays text.
async function inert(page, name) {
  const strange = await page.evaluate(() => ({
    scripts: document.scripts.length,
    foreign: document.querySelectorAll('img,iframe,object,embed,form,base,link:not([rel=icon])').length,
    handlers: Array.from(document.querySelectorAll('*')).filter(one => Array.from(one.attributes)
      .some(attribute => attribute.name.startsWith('on'))).length,
    ids: Array.from(document.querySelectorAll('[id]')).map(one => one.id),
  }));
  ask(strange.scripts === 1, `${name}: ${strange.scripts} scripts`);
  ask(strange.foreign === 0, `${name}: ${strange.foreign} foreign elements`);
  ask(strange.handlers === 0, `${name}: ${strange.handlers} elements with handlers`);
  ask(new Set(strange.ids).size === strange.ids.length, `${name}: an id occurs twice`);
}

// The tab key goes down the page, and what it reaches is seen.
async function keyboard(page, name) {
  await page.evaluate(() => { window.scrollTo(0, 0); document.activeElement.blur(); });
  const stops = [];
  for (let k = 0; k < 400; k += 1) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(() => {
      const one = document.activeElement;
      if (one === null || one === document.body) { return null; }
      const all = Array.from(document.querySelectorAll('*'));
      const box = one.getBoundingClientRect();
      return {
        place: all.indexOf(one), tag: one.tagName, text: one.textContent.slice(0, 40), width: box.width, left: box.left,
        outlined: getComputedStyle(one).outlineStyle !== 'none',
      };
    });
    if (stop === null) { break; }
    stops.push(stop);
  }
  ask(stops.length > 10 && stops.length < 400, `${name}: ${stops.length} tab stops`);
  ask(stops[0]?.text.startsWith('Skip'), `${name}: the first tab stop is ${stops[0]?.text}`);
  for (let k = 0; k < stops.length; k += 1) {
    const { place, tag, text, width, left, outlined } = stops[k];
    ask(k === 0 || place > stops[k - 1].place, `${name}: focus goes back to ${tag} ${text}`);
    ask(outlined, `${name}: no outline on ${tag} ${text}`);
    ask(width > 0 && left > -1, `${name}: the focus is not seen on ${tag} ${text}`);
  }
  await page.evaluate(() => { window.scrollTo(0, 0); document.activeElement.blur(); });
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  const at = await page.evaluate(() => document.activeElement.id);
  ask(at === 'answer', `${name}: the skip link leads to ${at}`);
}

// A heading sorts its table, by mouse and by keys, up and down, and says so.
async function sorting(page, name) {
  const table = page.locator('#decision table').first();
  const keys = column => table.evaluate((element, column) => Array.from(element.tBodies[0].rows)
    .map(row => Number(row.cells[column].dataset.key)), column);
  const rising = values => values.every((value, k) => k === 0 || values[k - 1] <= value);
  const button = table.locator('thead button').nth(1);
  const head = table.locator('thead th').nth(1);
  const before = await keys(1);
  ask(before.length >= 2 && before.every(Number.isFinite), `${name}: rows without a number: ${before}`);
  await button.click();
  ask(rising(await keys(1)), `${name}: not sorted upwards`);
  ask(await head.getAttribute('aria-sort') === 'ascending', `${name}: no aria-sort`);
  await button.focus();
  await page.keyboard.press('Enter');
  ask(rising((await keys(1)).reverse()), `${name}: not sorted downwards by key`);
  ask(await head.getAttribute('aria-sort') === 'descending', `${name}: no aria-sort downwards`);
  const sorted = (await keys(1)).sort();
  ask(JSON.stringify(sorted) === JSON.stringify([...before].sort()), `${name}: sorting lost a row`);
}

// Values are read off by pointing and by keys.
async function reading(page, name) {
  const charts = page.locator('figure:has(.read)');
  const count = await charts.count();
  ask(count >= 2, `${name}: values can be read off ${count} charts`);
  let pointed = 0;
  for (let k = 0; k < count; k += 1) {
    const figure = charts.nth(k);
    const id = await figure.getAttribute('id');
    const said = () => figure.locator('.said').textContent();
    const slider = figure.locator('input[type=range]');
    await slider.focus();
    await page.keyboard.press('End');
    const last = await said();
    ask(/\d/.test(last), `${name}: ${id} says nothing at its end: ${last}`);
    ask(await slider.getAttribute('aria-valuetext') === last, `${name}: ${id} tells screen readers something else`);
    await page.keyboard.press('ArrowLeft');
    ask(await said() !== last, `${name}: ${id} says the same one step before its end`);
    const svg = figure.locator('svg[role=img]:visible');
    const line = svg.locator('line.cursor');
    if (await line.count() === 0) { continue; }
    pointed += 1;
    const box = await svg.boundingBox();
    await svg.scrollIntoViewIfNeeded();
    const at = async share => {
      await svg.hover({ position: { x: box.width * share, y: box.height * 0.6 } });
      const x = (await line.boundingBox()).x - (await svg.boundingBox()).x;
      return { text: await said(), x: x / box.width };
    };
    const left = await at(0.3), right = await at(0.6);
    ask(left.text !== right.text, `${name}: ${id} says the same everywhere`);
    ask(Math.abs(left.x - 0.3) < 0.03 && Math.abs(right.x - 0.6) < 0.03,
      `${name}: ${id} has its line at ${left.x.toFixed(3)} and ${right.x.toFixed(3)}`);
    const axis = await svg.evaluate(element => {
      const ticks = element.querySelectorAll('g.axis text').length;
      return ticks;
    });
    ask(axis >= 2, `${name}: ${id} has no axis`);
  }
  ask(pointed >= 1, `${name}: no chart can be pointed at`);
}

// On paper: the light charts alone, no navigation, nothing wider than the sheet.
async function paper(page, name) {
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await page.setViewportSize({ width: 680, height: 960 });
  const found = await page.evaluate(() => {
    const seen = selector => Array.from(document.querySelectorAll(selector))
      .filter(one => one.getBoundingClientRect().width > 0).length;
    return {
      light: seen('.light svg[role=img]'), dark: seen('.dark svg[role=img]'), nav: seen('nav'), read: seen('.read'),
      figures: document.querySelectorAll('figure').length,
      over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      tall: Array.from(document.querySelectorAll('figure svg')).filter(svg => svg.getBoundingClientRect().height > 900).length,
      ground: getComputedStyle(document.body).backgroundColor,
    };
  });
  ask(found.light === found.figures && found.dark === 0, `${name}: on paper ${found.light} light and ${found.dark} dark charts of ${found.figures}`);
  ask(found.nav === 0 && found.read === 0, `${name}: navigation on paper`);
  ask(found.over <= 1, `${name}: ${found.over} px too wide for paper`);
  ask(found.tall === 0, `${name}: ${found.tall} charts are taller than a sheet`);
  ask(found.ground === 'rgb(255, 255, 255)', `${name}: paper is ${found.ground}`);
  await page.emulateMedia({ media: null });
}

const browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
for (const file of pages) {
  const short = file.split('/').slice(-2).join('/');
  const slides = file.endsWith('slides.html');
  for (const colorScheme of ['light', 'dark']) {
    const name = `${short}, ${colorScheme}`;
    const { context, page } = await open(browser, file, name, { colorScheme, viewport: { width: 1280, height: 900 } });
    await charts(page, name);
    await inert(page, name);
    await accessible(page, name, colorScheme === 'dark');
    if (!slides && colorScheme === 'light') {
      await keyboard(page, name);
      await sorting(page, name);
      await reading(page, name);
      await paper(page, name);
    }
    await context.close();
  }
  if (!slides) {
    const name = `${short}, phone`;
    const { context, page } = await open(browser, file, name, { colorScheme: 'dark', viewport: { width: 360, height: 740 } });
    await charts(page, name);
    await context.close();
  }
}
await browser.close();
wrong.forEach(line => console.log(line));
console.log(`${looked} questions on ${pages.length} pages, ${wrong.length} wrong.`);
process.exit(wrong.length === 0 && looked > 0 ? 0 : 1);
