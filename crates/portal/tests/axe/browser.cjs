// A tab of Chromium, and axe to judge what is in it.
// One JSON line a page on the standard output: {"page", "violations", "scrolls", "bytes", "errors"}.
"use strict";
const path = require("path");

exports.open = async ({ modules, chromium, language, width, height = 800, shots = "-" }) => {
  const need = (name) => require(path.join(modules, "node_modules", name));
  const axe = path.join(modules, "node_modules", "axe-core", "axe.min.js");
  const browser = await need("puppeteer-core").launch({
    executablePath: chromium,
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
  const tab = await browser.newPage();
  // axe is brought in from outside; the pages' own policy is judged by other tests.
  await tab.setBypassCSP(true);
  await tab.setViewport({ width: Number(width), height: Number(height) });
  let errors = [];
  tab.on("pageerror", (error) => errors.push(String(error)));
  tab.on("console", (message) => {
    const expected = /favicon|status of 4(04|09|22|29)|ERR_EMPTY_RESPONSE|ERR_CONNECTION|status of 403/;
    if (message.type() === "error" && !expected.test(message.text())) errors.push(message.text());
  });
  let count = 0;
  async function judge(name) {
    await tab.addScriptTag({ path: axe });
    const found = await tab.evaluate(async () => {
      const result = await axe.run(document, {
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      });
      return result.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.target.join(" ")).join(", "));
    });
    const scrolls = await tab.evaluate(
      () => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    // Nothing comes from elsewhere, and what a page needs besides itself stays small: the script that
    // seals is for lines that carry it.
    const others = await tab.evaluate(() => performance.getEntriesByType("resource")
      .map((one) => ({ name: one.name, bytes: one.transferSize || 0 })));
    for (const one of others) {
      if (!one.name.startsWith(new URL(tab.url()).origin + "/")) errors.push("from elsewhere: " + one.name);
      if (one.bytes > 8000 && !/\/(age|sealing)\.js$/.test(one.name)) errors.push("large: " + one.name);
    }
    const bytes = await tab.evaluate(() => performance.getEntriesByType("navigation")[0].transferSize);
    if (shots !== "-") {
      const file = String(++count).padStart(2, "0") + "-" + name + "-" + language + "-" + width + ".png";
      await tab.screenshot({ path: path.join(shots, file), fullPage: true });
    }
    console.log(JSON.stringify({ page: name, violations: found, scrolls, bytes, errors }));
    errors = [];
  }
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  async function press(selector) {
    await Promise.all([tab.waitForNavigation({ waitUntil: "load" }), tab.click(selector)]);
  }
  return { browser, tab, judge, pause, press };
};
